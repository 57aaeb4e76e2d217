import type { Knex } from 'knex';

/** A table whose rows belong to organizations. Column lists are SQL; names are ours, never input. */
interface TenantTable {
  name: string;
  /** Column definitions without org_id, which every tenant table gets. */
  columns: string;
  /** Default `(org_id, id)`, which is also the unique key that composite foreign keys point at. */
  primaryKey?: string;
  /** Columns that point at another tenant table's id: the key includes org_id, so a row cannot hang on a stranger's parent. */
  parents?: Record<string, string>;
  /** RANGE-partitioned by this UUIDv7 column, a partition a month. */
  partitionBy?: string;
  /** INSERT and SELECT only, refused a second time by triggers. */
  appendOnly?: boolean;
  /** Storage parameters, for tables that are updated often. */
  storage?: string;
  /** References organizations; off on hot tables, whose org_id is checked by the policy at every insert. */
  organizationKey?: boolean;
  /** Privileges of artisan_app and artisan_system. */
  app: string;
  system: string;
}

/** Makes a tenant table with all its fences. The only way a migration makes one; `tests/guards/tenantTables.test.ts` checks the result. */
export async function createTenantTable(knex: Knex, table: TenantTable): Promise<void> {
  const { name, columns, primaryKey = '(org_id, id)', parents = {}, partitionBy, organizationKey = true } = table;
  const lines = [
    `org_id uuid NOT NULL${organizationKey ? ' REFERENCES organizations (id)' : ''}`,
    columns.trim(),
    `PRIMARY KEY ${primaryKey}`,
    ...Object.entries(parents).map(([column, parent]) => `FOREIGN KEY (org_id, ${column}) REFERENCES ${parent} (org_id, id)`),
  ];
  const suffix = partitionBy ? ` PARTITION BY RANGE (${partitionBy})` : table.storage ? ` WITH (${table.storage})` : '';
  await knex.raw(`CREATE TABLE ${name} (\n  ${lines.join(',\n  ')}\n)${suffix}`);
  await knex.raw('SELECT fence_tenant_table(?)', [name]);
  if (table.appendOnly) await knex.raw('SELECT fence_append_only(?)', [name]);
  await grant(knex, table);
}

async function grant(knex: Knex, { name, app, system, appendOnly }: TenantTable): Promise<void> {
  if (appendOnly && /update|delete/i.test(app + system)) throw new Error(`${name} is append-only: grant INSERT and SELECT`);
  await knex.raw(`GRANT ${app} ON ${name} TO artisan_app`);
  await knex.raw(`GRANT ${system} ON ${name} TO artisan_system`);
}
