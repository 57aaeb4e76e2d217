import type { Knex } from 'knex';

/** A table whose rows belong to one person, whatever organizations they are in. Column lists are SQL; names are ours, never input. */
interface UserTable {
  name: string;
  /** Column definitions without user_id, which every such table gets. */
  columns: string;
  /** Default `(user_id, id)`. */
  primaryKey?: string;
  /** Columns that point at another table of the same person: the key includes user_id. */
  parents?: Record<string, string>;
  /** Privileges of artisan_app and artisan_system. */
  app: string;
  system: string;
}

/** Makes a table that is fenced to one person as tenant tables are to one organization (ADR 0063): the policy reads `app.user_id`. */
export async function createUserTable(knex: Knex, table: UserTable): Promise<void> {
  const { name, columns, primaryKey = '(user_id, id)', parents = {}, app, system } = table;
  const lines = [
    'user_id uuid NOT NULL REFERENCES users (id)',
    columns.trim(),
    `PRIMARY KEY ${primaryKey}`,
    ...Object.entries(parents).map(([column, parent]) => `FOREIGN KEY (user_id, ${column}) REFERENCES ${parent} (user_id, id)`),
  ];
  await knex.raw(`CREATE TABLE ${name} (\n  ${lines.join(',\n  ')}\n)`);
  await knex.raw('SELECT fence_user_table(?)', [name]);
  await knex.raw(`GRANT ${app} ON ${name} TO artisan_app`);
  await knex.raw(`GRANT ${system} ON ${name} TO artisan_system`);
}
