import { readFile } from 'node:fs/promises';
import type { Knex } from 'knex';

/** Passwords of the three roles. */
export interface RolePasswords {
  owner: string;
  app: string;
  system: string;
}

/**
 * Makes the three roles and the product's database, owned by artisan_owner and closed to everybody else. Safe to repeat.
 * `superuser` is connected to any database of the cluster.
 */
export async function createRoles(superuser: Knex, passwords: RolePasswords, database: string): Promise<void> {
  const sql = await readFile(new URL('./roles.sql', import.meta.url), 'utf8');
  await superuser.transaction(async (trx) => {
    for (const [role, password] of Object.entries(passwords)) {
      await trx.raw('select set_config(?, ?, true)', [`artisan.${role}_password`, password]);
    }
    await trx.raw(sql);
  });
  await createDatabase(superuser, database);
}

async function createDatabase(superuser: Knex, database: string): Promise<void> {
  const { rows } = await superuser.raw('select 1 from pg_database where datname = ?', [database]);
  if (rows.length === 0) await superuser.raw('create database ?? owner artisan_owner', [database]);
  await superuser.raw('revoke all on database ?? from public', [database]);
  await superuser.raw('grant connect on database ?? to artisan_app, artisan_system', [database]);
}
