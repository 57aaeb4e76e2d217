import type { Knex } from 'knex';

const HEADER = `-- The schema as the migrations leave it, read from the catalog by \`npm run db:schema\`. Not edited by hand; a guard compares it.
-- Roles are in roles.sql. Month partitions are left out: ensure_partitions() makes them, with the fences of their table.
`;

/** The schema as text, the same for the same migrations: one block for each function and table, in order of name. */
export async function dumpSchema(knex: Knex): Promise<string> {
  const schema = await lines(knex, SCHEMA);
  const functions = await lines(knex, FUNCTIONS);
  const tables = await lines(knex, TABLES);
  return [HEADER, ...schema, ...functions, ...tables].join('\n');
}

async function lines(knex: Knex, sql: string): Promise<string[]> {
  const { rows } = await knex.raw<{ rows: { text: string }[] }>(sql);
  return rows.map(({ text }) => `${text.replaceAll(/^ +$/gm, '')}\n`);
}

// Grants are read from the acl as it is stored; the owner's own are implied.
const GRANTS = (acl: string, kind: string, name: string): string => `
  (SELECT string_agg(format('GRANT %s ON ${kind}%s TO %s;', privileges, ${name}, grantee), E'\\n' ORDER BY grantee)
   FROM (SELECT coalesce(r.rolname, 'PUBLIC') AS grantee, string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type) AS privileges
         FROM aclexplode(${acl}) a LEFT JOIN pg_roles r ON r.oid = a.grantee
         WHERE r.rolname IS DISTINCT FROM pg_get_userbyid(owner) GROUP BY 1) AS granted)`;

const SCHEMA = `
  SELECT ${GRANTS('acl', 'SCHEMA ', "'public'")} AS text
  FROM (SELECT nspacl AS acl, nspowner AS owner FROM pg_namespace WHERE nspname = 'public') AS s`;

const FUNCTIONS = `
  SELECT concat_ws(E'\\n',
    rtrim(definition, E'\\n') || ';',
    format('ALTER FUNCTION %s OWNER TO %s;', signature, pg_get_userbyid(owner)),
    ${GRANTS("coalesce(acl, acldefault('f', owner))", 'FUNCTION ', 'signature')}) AS text
  FROM (SELECT p.proname, pg_get_functiondef(p.oid) AS definition, p.oid::regprocedure::text AS signature, p.proowner AS owner, p.proacl AS acl
        FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace) AS f
  ORDER BY proname, signature`;

const COLUMNS = `
  (SELECT string_agg(format('  %I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
            coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')), E',\\n' ORDER BY a.attnum)
   FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = t.id AND a.attnum > 0 AND NOT a.attisdropped)`;

const CONSTRAINTS = `
  (SELECT string_agg(format(E',\\n  CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)), '' ORDER BY contype DESC, conname)
   FROM pg_constraint WHERE conrelid = t.id AND contype IN ('p', 'u', 'f', 'c', 'x'))`;

const INDEXES = `
  (SELECT string_agg(pg_get_indexdef(i.indexrelid) || ';', E'\\n' ORDER BY i.indexrelid::regclass::text)
   FROM pg_index i WHERE i.indrelid = t.id AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.conrelid = t.id))`;

const TRIGGERS = `
  (SELECT string_agg(pg_get_triggerdef(g.oid) || ';' ||
            CASE g.tgenabled WHEN 'A' THEN format(E'\\nALTER TABLE %s ENABLE ALWAYS TRIGGER %I;', t.id, g.tgname) ELSE '' END, E'\\n' ORDER BY g.tgname)
   FROM pg_trigger g WHERE g.tgrelid = t.id AND NOT g.tgisinternal)`;

const POLICIES = `
  (SELECT string_agg(format(E'CREATE POLICY %I ON %s\\n  USING (%s)\\n  WITH CHECK (%s);', p.polname, t.id,
            pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)), E'\\n' ORDER BY p.polname)
   FROM pg_policy p WHERE p.polrelid = t.id)`;

const TABLES = `
  SELECT concat_ws(E'\\n',
    format(E'CREATE %sTABLE %s (\\n', CASE persistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END, t.id) || ${COLUMNS} || coalesce(${CONSTRAINTS}, '')
      || E'\\n)' || coalesce(' PARTITION BY ' || pg_get_partkeydef(t.id), '') || coalesce(' WITH (' || array_to_string(options, ', ') || ')', '') || ';',
    format('ALTER TABLE %s OWNER TO %s;', t.id, pg_get_userbyid(owner)),
    ${INDEXES},
    ${TRIGGERS},
    CASE WHEN fenced THEN format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', t.id) END,
    CASE WHEN forced THEN format('ALTER TABLE %s FORCE ROW LEVEL SECURITY;', t.id) END,
    ${POLICIES},
    ${GRANTS('acl', '', 't.id')}) AS text
  FROM (SELECT oid::regclass AS id, relname, relowner AS owner, relacl AS acl, reloptions AS options, relpersistence AS persistence,
               relrowsecurity AS fenced, relforcerowsecurity AS forced
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition) AS t
  ORDER BY relname`;
