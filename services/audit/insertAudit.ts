import { byteaArray, textArray, timeArray, uuidArray } from '../../db/binaryArrays.ts';
import { prepared } from '../../db/prepared.ts';
import type { Sender } from '../../db/prepared.ts';
import type { AuditRows, AuditView } from './buildAuditRows.ts';

const VIEW_COLUMNS: readonly (readonly [column: string, field: keyof AuditView, cast?: string])[] = [
  ['action', 'action'],
  ['category', 'category'],
  ['severity', 'severity'],
  ['outcome', 'outcome'],
  ['reason', 'reason'],
  ['actor_type', 'actorType'],
  ['actor_id', 'actorId'],
  ['actor_name', 'actorName'],
  ['actor_ip', 'actorIp', '::inet'],
  ['user_agent', 'userAgent'],
  ['target_type', 'targetType'],
  ['target_id', 'targetId'],
  ['request_id', 'requestId'],
  ['workflow_id', 'workflowId'],
];
const FIRST_VIEW_PARAMETER = 6;

const LEAF = `INSERT INTO audit_leaf (org_id, id, at, class, leaf_hash)
  SELECT $1, * FROM unnest($2::uuid[], $3::timestamptz[], $${FIRST_VIEW_PARAMETER + 1}::text[], $4::bytea[])`;
const BODY = 'INSERT INTO audit_body (org_id, entry_id, leaf_data) SELECT $1, * FROM unnest($2::uuid[], $5::bytea[])';
const VIEW = `INSERT INTO audit_view (org_id, entry_id, at, ${VIEW_COLUMNS.map(([column]) => column).join(', ')})
  SELECT $1, entry_id, at, ${VIEW_COLUMNS.map(([column, , cast]) => `${column}${cast ?? ''}`).join(', ')}
    FROM unnest($2::uuid[], $3::timestamptz[], ${VIEW_COLUMNS.map((_column, index) => `$${FIRST_VIEW_PARAMETER + index}::text[]`).join(', ')})
      AS t (entry_id, at, ${VIEW_COLUMNS.map(([column]) => column).join(', ')})`;

const disclosures = (at: number): string => `INSERT INTO audit_disclosure (org_id, entry_id, path, subject_ref, enc_disclosure)
  SELECT $1, * FROM unnest($${at}::uuid[], $${at + 1}::text[], $${at + 2}::text[], $${at + 3}::bytea[])`;
const links = (at: number): string => `INSERT INTO audit_subject_links (org_id, subject_ref, entry_id)
  SELECT $1, * FROM unnest($${at}::text[], $${at + 1}::uuid[])`;

/** Writes the rows, all of one organization, with one statement. Disclosures and links are left out of it where there are none. */
export async function insertAudit(sender: Sender, rows: readonly AuditRows[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const parts = [LEAF, BODY, VIEW];
  const values: unknown[] = [
    first.orgId,
    ...leafColumns(rows),
    ...VIEW_COLUMNS.map(([, field]) => textArray(rows.map(({ view }) => view[field]))),
  ];
  const disclosed = rows.flatMap(({ entryId, disclosures: own }) => own.map((disclosure) => ({ entryId, ...disclosure })));
  if (disclosed.length > 0) {
    parts.push(disclosures(values.length + 1));
    values.push(
      uuidArray(disclosed.map(({ entryId }) => entryId)),
      textArray(disclosed.map(({ path }) => path)),
      textArray(disclosed.map(({ subjectRef }) => subjectRef)),
      byteaArray(disclosed.map(({ sealed }) => sealed)),
    );
  }
  const linked = rows.flatMap(({ entryId, linkedRefs }) => linkedRefs.map((ref) => ({ entryId, ref })));
  if (linked.length > 0) {
    parts.push(links(values.length + 1));
    values.push(textArray(linked.map(({ ref }) => ref)), uuidArray(linked.map(({ entryId }) => entryId)));
  }
  // Which of the optional inserts it holds is told by the number of its parameters.
  await prepared(sender, `insert-audit-${values.length}`, statementOf(parts), values);
}

function leafColumns(rows: readonly AuditRows[]): Buffer[] {
  return [
    uuidArray(rows.map(({ entryId }) => entryId)),
    timeArray(rows.map(({ at }) => at)),
    byteaArray(rows.map(({ leafHash }) => leafHash)),
    byteaArray(rows.map(({ leafData }) => leafData)),
  ];
}

const statementOf = (parts: string[]): string => `WITH ${parts.map((part, index) => `part_${index} AS (${part})`).join(',\n')} SELECT 1`;
