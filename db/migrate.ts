import { readdir } from 'node:fs/promises';
import type { Knex } from 'knex';
import { createKnex } from './knex.ts';

const DIRECTORY = new URL('./migrations/', import.meta.url);
const LOCK = 'artisan.migrate';
const MONTHS_BACK = 3;
const MONTHS_AHEAD = 12;

/**
 * Brings the database of `ownerUrl` (login artisan_owner) to the newest schema and makes the month partitions of the coming year.
 * Safe to repeat and to run from several processes at once: one works, the others wait.
 */
export async function migrate(ownerUrl: string): Promise<void> {
  const lock = createKnex(ownerUrl, { max: 1, applicationName: 'artisan-migrate-lock', statementTimeoutMs: 0, idleTransactionMs: 0 });
  const knex = createKnex(ownerUrl, { max: 2, applicationName: 'artisan-migrate', statementTimeoutMs: 0, idleTransactionMs: 0 });
  try {
    await lock.transaction(async (trx) => {
      await trx.raw('select pg_advisory_xact_lock(hashtext(?))', [LOCK]);
      await runMigrations(knex);
      await knex.raw('select ensure_partitions(?, ?)', [MONTHS_BACK, MONTHS_AHEAD]);
    });
  } finally {
    await Promise.all([knex.destroy(), lock.destroy()]);
  }
}

// A process that was killed while it migrated leaves knex's own lock row behind; nobody else can hold it under our advisory lock.
async function runMigrations(knex: Knex): Promise<void> {
  const config: Knex.MigratorConfig = { migrationSource: migrationFiles, tableName: 'schema_migrations' };
  await knex.migrate.forceFreeMigrationsLock(config);
  await knex.migrate.latest(config);
}

/** Forward only: what went wrong is put right by the next migration. */
const migrationFiles: Knex.MigrationSource<string> = {
  async getMigrations() {
    const files = await readdir(DIRECTORY);
    return files.filter((file) => /^\d{14}_\w+\.ts$/.test(file)).sort();
  },
  getMigrationName: (file) => file.slice(0, -'.ts'.length),
  async getMigration(file) {
    const { up } = (await import(new URL(file, DIRECTORY).href)) as Pick<Knex.Migration, 'up'>;
    return { up, down: refuseDown };
  },
};

function refuseDown(): Promise<never> {
  return Promise.reject(new Error('Migrations only go forward: write the next one'));
}

async function main(): Promise<void> {
  // Migrations need no other setting, so the whole configuration (and its secrets) is not asked for.
  // oxlint-disable-next-line node/no-process-env
  const url = process.env['DATABASE_OWNER_URL'];
  if (!url) {
    process.stderr.write('DATABASE_OWNER_URL is not set: give the URL of Postgres as artisan_owner\n');
    process.exitCode = 1;
    return;
  }
  await migrate(url);
}

if (import.meta.main) await main();
