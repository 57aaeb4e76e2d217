import type { Knex } from 'knex';

/** Tables whose rows outlive their organization: its own row as a tombstone, its short names, and the evidence of the audit log (ADR 0067). */
export const KEPT_TABLES: readonly string[] = ['organizations', 'organization_slugs', 'audit_leaf', 'audit_body'];

interface Found {
  name: string;
  /** Tables that this one points at. */
  parents: string[];
}

const TENANT_TABLES = `
  SELECT c.relname AS name, coalesce(
    (SELECT json_agg(DISTINCT p.relname) FROM pg_constraint k JOIN pg_class p ON p.oid = k.confrelid
      WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid), '[]') AS parents
  FROM pg_class c JOIN pg_attribute o ON o.attrelid = c.oid AND o.attname = 'org_id' AND o.attnotnull
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  ORDER BY c.relname`;

/**
 * Every tenant table whose rows are erased with their organization, those that point at others before these: read from the catalog, so that no
 * table is forgotten. Throws when tables point at each other in a circle.
 */
export async function erasedTables(knex: Knex): Promise<string[]> {
  const { rows } = await knex.raw<{ rows: Found[] }>(TENANT_TABLES);
  const left = new Map(rows.filter(({ name }) => !KEPT_TABLES.includes(name)).map(({ name, parents }) => [name, parents]));
  const ordered: string[] = [];
  while (left.size > 0) {
    const pointedAt = new Set([...left.values()].flat());
    const free = [...left.keys()].filter((name) => !pointedAt.has(name));
    if (free.length === 0) throw new Error(`Tables point at each other in a circle: ${[...left.keys()].join(', ')}`);
    ordered.push(...free);
    for (const name of free) left.delete(name);
  }
  return ordered;
}
