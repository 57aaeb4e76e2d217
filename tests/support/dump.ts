import type { Knex } from 'knex';

/** Every row of every table as text, as a dump of the database would hold it. `superuser` passes all fences. */
export async function dumpOf(superuser: Knex): Promise<string> {
  const { rows: tables } = await superuser.raw<{ rows: { name: string }[] }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace`,
  );
  let dump = '';
  for (const { name } of tables) {
    const { rows } = await superuser.raw<{ rows: { row: string }[] }>(`SELECT t::text AS row FROM ${name} AS t`);
    dump += rows.map(({ row }) => row).join('\n');
  }
  return dump;
}
