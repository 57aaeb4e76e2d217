import { prepared } from '../../db/prepared.ts';
import type { TenantContext } from '../context.ts';
import type { AuditRows, AuditView } from './buildAuditRows.ts';

/** The audit inserts as common table expressions, to stand alone or inside a larger statement: one round trip for any number of entries. */
export interface AuditStatement {
  /** Comma-separated expressions for a WITH clause, with `?` placeholders. */
  ctes: string;
  bindings: unknown[];
}

const VIEW_COLUMNS: readonly (readonly [column: string, type: string, field: keyof AuditView])[] = [
  ['action', 'text', 'action'],
  ['category', 'text', 'category'],
  ['severity', 'text', 'severity'],
  ['outcome', 'text', 'outcome'],
  ['reason', 'text', 'reason'],
  ['actor_type', 'text', 'actorType'],
  ['actor_id', 'text', 'actorId'],
  ['actor_name', 'text', 'actorName'],
  ['actor_ip', 'inet', 'actorIp'],
  ['user_agent', 'text', 'userAgent'],
  ['target_type', 'text', 'targetType'],
  ['target_id', 'text', 'targetId'],
  ['request_id', 'text', 'requestId'],
  ['workflow_id', 'text', 'workflowId'],
];

const insert = (name: string, table: string, columns: readonly string[], types: readonly string[]): string =>
  `${name} AS (INSERT INTO ${table} (${columns.join(', ')}) SELECT * FROM unnest(${types.map((type) => `?::${type}[]`).join(', ')}))`;

const LEAF = insert(
  'audit_l',
  'audit_leaf',
  ['org_id', 'id', 'at', 'class', 'leaf_hash'],
  ['uuid', 'uuid', 'timestamptz', 'text', 'bytea'],
);
const BODY = insert('audit_b', 'audit_body', ['org_id', 'entry_id', 'leaf_data'], ['uuid', 'uuid', 'bytea']);
const VIEW = insert(
  'audit_v',
  'audit_view',
  ['org_id', 'entry_id', 'at', ...VIEW_COLUMNS.map(([column]) => column)],
  ['uuid', 'uuid', 'timestamptz', ...VIEW_COLUMNS.map(([, type]) => type)],
);
const DISCLOSURE = insert(
  'audit_d',
  'audit_disclosure',
  ['org_id', 'entry_id', 'path', 'subject_ref', 'enc_disclosure'],
  ['uuid', 'uuid', 'text', 'text', 'bytea'],
);
const LINKS = insert('audit_s', 'audit_subject_links', ['org_id', 'subject_ref', 'entry_id'], ['uuid', 'text', 'uuid']);

/** The statement that writes these rows. Disclosures and links are left out where there are none. */
export function auditStatement(rows: readonly AuditRows[]): AuditStatement {
  const orgs = rows.map(({ orgId }) => orgId);
  const ids = rows.map(({ entryId }) => entryId);
  const times = rows.map(({ at }) => at);
  const ctes = [LEAF, BODY, VIEW];
  const bindings: unknown[] = [orgs, ids, times, rows.map(({ view }) => view.category), rows.map(({ leafHash }) => leafHash)];
  bindings.push(
    orgs,
    ids,
    rows.map(({ leafData }) => leafData),
  );
  bindings.push(orgs, ids, times, ...VIEW_COLUMNS.map(([, , field]) => rows.map(({ view }) => view[field])));
  const disclosures = rows.flatMap(({ orgId, entryId, disclosures: own }) => own.map((disclosure) => ({ orgId, entryId, ...disclosure })));
  if (disclosures.length > 0) {
    ctes.push(DISCLOSURE);
    bindings.push(...columnsOf(disclosures, ['orgId', 'entryId', 'path', 'subjectRef', 'sealed']));
  }
  const links = rows.flatMap(({ orgId, entryId, linkedRefs }) => linkedRefs.map((ref) => ({ orgId, ref, entryId })));
  if (links.length > 0) {
    ctes.push(LINKS);
    bindings.push(...columnsOf(links, ['orgId', 'ref', 'entryId']));
  }
  return { ctes: ctes.join(',\n'), bindings };
}

/** Writes the rows in one statement. */
export async function insertAudit(trx: TenantContext['trx'], rows: readonly AuditRows[]): Promise<void> {
  if (rows.length === 0) return;
  const { ctes, bindings } = auditStatement(rows);
  // Its text differs only by which of the optional inserts it holds.
  await prepared(trx, `insert-audit-${bindings.length}`, `WITH ${ctes} SELECT 1`, bindings);
}

const columnsOf = <T>(rows: readonly T[], fields: readonly (keyof T)[]): unknown[] => fields.map((field) => rows.map((row) => row[field]));
