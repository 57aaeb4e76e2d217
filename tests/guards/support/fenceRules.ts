/** One thing that must hold for every table: `sql` selects (base, name, detail) of each table that breaks it. */
export interface FenceRule {
  rule: string;
  sql: string;
}

/** Tables with what the rules ask about. `base` is the parent of a partition, `org` the column that names the organization. */
const TABLES = `
  WITH tables AS (
    SELECT c.oid, c.relname::text AS name, coalesce(parent.relname, c.relname)::text AS base, c.relispartition AS is_partition,
           c.relrowsecurity AS fenced, c.relforcerowsecurity AS forced, c.relowner AS owner, c.relacl AS acl,
           a.attnum AS org, a.attname AS org_name, a.attnotnull AS org_required, u.attnum AS person
    FROM pg_class c
    LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
    LEFT JOIN pg_class parent ON parent.oid = i.inhparent
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
                            AND a.attname = CASE c.relname WHEN 'organizations' THEN 'id' ELSE 'org_id' END
    LEFT JOIN pg_attribute u ON u.attrelid = c.oid AND NOT u.attisdropped AND u.attnotnull AND u.attname = 'user_id' AND a.attnum IS NULL
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p'))`;

const OWN_ROWS = `'(' || org_name || ' = ( SELECT (NULLIF(current_setting(''app.org_id''::text, true), ''''::text))::uuid AS "nullif"))'`;

const OWN_PERSON = `'(user_id = ( SELECT (NULLIF(current_setting(''app.user_id''::text, true), ''''::text))::uuid AS "nullif"))'`;

const rule = (name: string, sql: string): FenceRule => ({ rule: name, sql: `${TABLES} ${sql}` });

export const FENCE_RULES: FenceRule[] = [
  rule('org_id', `SELECT base, name, 'has no org_id' AS detail FROM tables WHERE org IS NULL AND person IS NULL`),
  rule('org_id_required', `SELECT base, name, 'org_id may be null' AS detail FROM tables WHERE org IS NOT NULL AND NOT org_required`),
  rule(
    'row_security',
    `SELECT base, name, 'row level security is not enabled and forced' AS detail FROM tables WHERE NOT (fenced AND forced)`,
  ),
  rule(
    'policy',
    `SELECT base, name, format('has %s policies, of which %s fence USING and WITH CHECK to the organization', count(p.oid), count(p.oid) FILTER (WHERE ok)) AS detail
     FROM tables LEFT JOIN LATERAL (
       SELECT oid, polcmd = '*' AND polpermissive AND polroles = '{0}'
                   AND pg_get_expr(polqual, polrelid) = ${OWN_ROWS} AND pg_get_expr(polwithcheck, polrelid) = ${OWN_ROWS} AS ok
       FROM pg_policy WHERE polrelid = tables.oid) p ON true
     WHERE org IS NOT NULL GROUP BY base, name HAVING count(p.oid) <> 1 OR NOT coalesce(bool_and(ok), false)`,
  ),
  rule(
    'person_policy',
    `SELECT base, name, 'is not fenced to one person by one policy alone' AS detail
     FROM tables LEFT JOIN LATERAL (
       SELECT oid, polcmd = '*' AND polpermissive AND polroles = '{0}'
                   AND pg_get_expr(polqual, polrelid) = ${OWN_PERSON} AND pg_get_expr(polwithcheck, polrelid) = ${OWN_PERSON} AS ok
       FROM pg_policy WHERE polrelid = tables.oid) p ON true
     WHERE person IS NOT NULL GROUP BY base, name HAVING count(p.oid) <> 1 OR NOT coalesce(bool_and(ok), false)`,
  ),
  rule(
    'person_primary_key',
    `SELECT base, name, 'has no primary key that begins with user_id' AS detail FROM tables
     WHERE person IS NOT NULL AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = tables.oid AND k.contype = 'p' AND k.conkey[1] = person)`,
  ),
  rule(
    'primary_key',
    `SELECT base, name, 'has no primary key that begins with org_id' AS detail FROM tables
     WHERE org IS NOT NULL AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = tables.oid AND k.contype = 'p' AND k.conkey[1] = org)`,
  ),
  rule(
    'id_unique',
    `SELECT base, name, '(org_id, id) is not unique' AS detail
     FROM tables JOIN pg_attribute id ON id.attrelid = tables.oid AND id.attname = 'id'
     WHERE org <> id.attnum AND NOT EXISTS (
       SELECT FROM pg_index i WHERE i.indrelid = tables.oid AND i.indisunique AND i.indkey::text = concat(org, ' ', id.attnum))`,
  ),
  rule(
    'foreign_key',
    `SELECT tables.base, tables.name, format('%s points at %s without org_id', k.conname, parent.name) AS detail
     FROM tables JOIN pg_constraint k ON k.conrelid = tables.oid AND k.contype = 'f' JOIN tables parent ON parent.oid = k.confrelid
     WHERE tables.org IS NOT NULL AND parent.org IS NOT NULL AND NOT EXISTS (
       SELECT FROM unnest(k.conkey, k.confkey) AS pair (child_column, parent_column)
       WHERE child_column = tables.org AND parent_column = parent.org)`,
  ),
  rule(
    'unique_leads_with_org',
    `SELECT base, name, format('%s is unique across organizations', i.indexrelid::regclass) AS detail
     FROM tables JOIN pg_index i ON i.indrelid = tables.oid AND i.indisunique WHERE org IS NOT NULL AND i.indkey[0] <> org`,
  ),
  rule(
    'owner',
    `SELECT base, name, 'is owned by ' || pg_get_userbyid(owner) AS detail FROM tables WHERE pg_get_userbyid(owner) <> 'artisan_owner'`,
  ),
  rule(
    'grants',
    `SELECT base, name, format('%s is granted to %s', privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END) AS detail
     FROM tables, aclexplode(acl)
     WHERE grantee <> owner AND (is_partition OR is_grantable OR privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
       OR grantee NOT IN ('artisan_app'::regrole, 'artisan_system'::regrole))`,
  ),
  rule(
    'column_grants',
    `SELECT base, name, 'has privileges of its own on column ' || attname AS detail
     FROM tables JOIN pg_attribute a ON a.attrelid = tables.oid WHERE a.attacl IS NOT NULL`,
  ),
];

/** The rules of the tables that may only grow. */
export const appendOnlyRules = (tables: readonly string[]): FenceRule[] => {
  const listed = `base IN (${tables.map((table) => `'${table}'`).join(', ')})`;
  return [
    rule(
      'append_only_grants',
      `SELECT base, name, format('%s is granted to %s', privilege_type, pg_get_userbyid(grantee)) AS detail
       FROM tables, aclexplode(acl) WHERE ${listed} AND grantee <> owner AND privilege_type NOT IN ('SELECT', 'INSERT')`,
    ),
    // tgtype bits: 1 row, 2 before, 8 delete, 16 update, 32 truncate.
    rule(
      'append_only_triggers',
      `SELECT base, name, 'lacks a trigger that always refuses ' || what AS detail
       FROM tables, (VALUES (1 + 2 + 8 + 16, 'UPDATE and DELETE'), (2 + 32, 'TRUNCATE')) AS wanted (bits, what)
       WHERE ${listed} AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = tables.oid AND g.tgenabled = 'A' AND g.tgtype = bits
                                         AND g.tgfoid IN ('refuse_change'::regproc, CASE base WHEN 'delivery_attempts' THEN 'refuse_change_of_attempt'::regproc END)
                                         AND g.tgqual IS NULL)`,
    ),
  ];
};
