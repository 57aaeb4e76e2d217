import type { Knex } from 'knex';
import { FENCE_RULES, appendOnlyRules } from './fenceRules.ts';

/** Tables that only grow. */
const APPEND_ONLY = ['audit_leaf', 'audit_body', 'delivery_attempts'] as const;

interface Exception {
  table: string;
  rule: string;
  reason: string;
}

/** What is let through, and why. An exception that nothing needs any more is a fault too. */
const EXCEPTIONS: Exception[] = [
  {
    table: 'users',
    rule: 'org_id',
    reason: 'one person, several organizations; fenced through memberships, and to the person itself (ADR 0021, 0063)',
  },
  {
    table: 'mails',
    rule: 'org_id',
    reason: 'a mail belongs to an organization or to a person; artisan_app can write and never read (ADR 0068)',
  },
  {
    table: 'domains',
    rule: 'unique_leads_with_org',
    reason: 'domains_verified_key: one verified owner of a domain; told to who has proven it as well',
  },
  {
    table: 'invitations',
    rule: 'unique_leads_with_org',
    reason: 'token_digest: of 32 random bytes, and looked up before the organization is known',
  },
  { table: 'rate_limits', rule: 'org_id', reason: 'counts addresses and key ids before an organization is known; holds no tenant data' },
  { table: 'rate_limits', rule: 'row_security', reason: 'see org_id' },
  {
    table: 'auth_throttles',
    rule: 'org_id',
    reason: 'counts attempts to sign in before it is known who it is; keyed digests, no tenant data',
  },
  { table: 'auth_throttles', rule: 'row_security', reason: 'see org_id' },
  { table: 'signing_keys', rule: 'org_id', reason: 'keys of the installation; what is secret in them is sealed (ADR 0064)' },
  { table: 'signing_keys', rule: 'row_security', reason: 'see org_id' },
  { table: 'schema_migrations', rule: 'org_id', reason: 'names of migrations; granted to nobody' },
  { table: 'schema_migrations', rule: 'row_security', reason: 'see org_id' },
  { table: 'schema_migrations_lock', rule: 'org_id', reason: 'lock of the migrations; granted to nobody' },
  { table: 'schema_migrations_lock', rule: 'row_security', reason: 'see org_id' },
  {
    table: 'webhook_stats_progress',
    rule: 'org_id',
    reason: 'one row for the installation: up to when attempts are counted; holds no tenant data',
  },
  { table: 'webhook_stats_progress', rule: 'row_security', reason: 'see org_id' },
  { table: 'derived_keys', rule: 'org_id', reason: 'keys of the installation, wrapped by the master key; holds no tenant data (ADR 0071)' },
  { table: 'derived_keys', rule: 'row_security', reason: 'see org_id' },
  {
    table: 'encryption_key_rotations',
    rule: 'org_id',
    reason: 'of the master key and of data keys, for the operator; granted to artisan_system alone',
  },
  { table: 'encryption_key_rotations', rule: 'row_security', reason: 'see org_id' },
  { table: 'organizations', rule: 'unique_leads_with_org', reason: 'slug: the short name is an address, unique on the installation' },
  {
    table: 'organization_slugs',
    rule: 'unique_leads_with_org',
    reason: 'a short name that was given up stays taken on the whole installation',
  },
  { table: 'api_keys', rule: 'unique_leads_with_org', reason: 'key_id: random, and looked up before the organization is known' },
  {
    table: 'delivery_attempts',
    rule: 'id_unique',
    reason: 'reached through its delivery only; one index less on the hottest table (ADR 0022)',
  },
  {
    table: 'outbox',
    rule: 'id_unique',
    reason: 'found by its subject: with a second index that begins with the organization a plan may look for nothing more (ADR 0076)',
  },
];

interface Found {
  base: string;
  name: string;
  rule: string;
  detail: string;
}

/** Every table that lacks one of its fences, as `table: what is wrong [rule]`; empty when all is well. */
export async function findFenceFaults(knex: Knex): Promise<string[]> {
  const found: Found[] = [];
  for (const { rule, sql } of [...FENCE_RULES, ...appendOnlyRules(APPEND_ONLY)]) {
    const { rows } = await knex.raw<{ rows: Omit<Found, 'rule'>[] }>(sql);
    found.push(...rows.map((row) => ({ ...row, rule })));
  }
  const excused = (fault: Found) => EXCEPTIONS.some(({ table, rule }) => table === fault.base && rule === fault.rule);
  const stale = EXCEPTIONS.filter(({ table, rule }) => !found.some((fault) => fault.base === table && fault.rule === rule));
  return [
    ...found.filter((fault) => !excused(fault)).map(({ name, rule, detail }) => `${name}: ${detail} [${rule}]`),
    ...stale.map(({ table, rule }) => `${table}: the exception from [${rule}] is no longer needed`),
  ];
}

/** Functions and views that could reach around a fence. */
export async function findBypassFaults(knex: Knex): Promise<string[]> {
  const { rows } = await knex.raw<{ rows: { fault: string }[] }>(BYPASSES);
  return rows.map(({ fault }) => fault);
}

/**
 * Reviewed: find_api_key reads one key by its exact id; ensure_partitions takes two numbers and makes tables; refresh_statistics takes nothing and analyzes one table;
 * expire_history removes finished history of one organization that is older than 7 days; drop_history_partition drops a month of events or attempts that
 * ended 365 days ago and holds nothing unfinished, which holds_unfinished says, to the owner only; erase_payloads empties payloads and excerpts of events of one organization;
 * find_session reads one session by its exact id; find_person tells the id of one person by the exact e-mail address; access_of, granted to nobody, what one person may do in one organization; organizations_of the organizations of
 * the person whose transaction it is, and free_organizations_founded how many free ones that person founded; record_event_usage adds counts of events and tells what an
 * organization may have; erase_organization_rows removes rows of the
 * transaction's organization once its erasure has begun; cut_sessions makes sessions of one person leave the organization whose transaction it is.
 * release_unproven_address forgets a sign-up that nobody proved, of an address to which the person whose transaction it is has an open link.
 * find_invitation reads one invitation by the digest of its token; find_domain_owner names the organization that has verified one domain, and its policy.
 */
const REVIEWED_DEFINERS = `('find_invitation', 'release_unproven_address', 'find_domain_owner', 'access_of', 'cut_sessions', 'find_session', 'find_person', 'organizations_of', 'free_organizations_founded', 'record_event_usage', 'erase_organization_rows', 'find_api_key', 'record_api_key_usage', 'ensure_partitions', 'refresh_statistics', 'expire_history', 'holds_unfinished', 'drop_history_partition', 'erase_payloads')`;

const BYPASSES = `
  SELECT format('%s: a view runs with the rights of its owner unless it says security_invoker', relname) AS fault
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND (relkind = 'm' OR relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (reloptions), false))
  UNION ALL
  SELECT format('%s: PUBLIC may execute it', oid::regprocedure) FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
  WHERE pronamespace = 'public'::regnamespace AND grantee = 0
  UNION ALL
  SELECT format('%s: runs with the rights of its owner and is not reviewed', oid::regprocedure) FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace AND prosecdef AND proname NOT IN ${REVIEWED_DEFINERS}
  UNION ALL
  SELECT format('%s: does not pin search_path', oid::regprocedure) FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace AND NOT coalesce(array_to_string(proconfig, ',') LIKE '%search_path=%', false)
  UNION ALL
  SELECT format('schema public: %s is granted to %s', privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END)
  FROM pg_namespace, aclexplode(nspacl)
  WHERE nspname = 'public' AND grantee <> nspowner AND (grantee = 0 OR privilege_type <> 'USAGE')`;
