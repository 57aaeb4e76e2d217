import type { Transaction } from 'objection';
import type { SealedColumn } from '../crypto/sealedColumns.ts';

/** Rows that one step looks at; of those that are up to date one in a hundred is fetched. */
const LOOKED_AT = 500;
const SAMPLED = 100;

/** What an envelope begins with that need not be sealed again: of the rows of an organization, and of those that belong to none. */
export interface UpToDate {
  ofOrganization: Buffer;
  ofInstallation: Buffer;
}

/** Where a pass over one column stands. */
export interface ChunkQuery {
  column: SealedColumn;
  /** null: of all organizations, and what belongs to none. */
  orgId: string | null;
  /** Primary key of the last row that was looked at. */
  after: string[] | null;
  upToDate: UpToDate;
}

export interface SealedRow {
  key: Record<string, string>;
  /** null: the installation's. */
  orgId: string | null;
  /** null when it is up to date and not in the sample. */
  sealed: Buffer | null;
  outdated: boolean;
}

interface Fetched {
  key_columns: string[];
  organization: string | null;
  is_outdated: boolean;
  envelope: Buffer | null;
}

/** The next rows in the order of the primary key: those that are outdated with their value, and of the others one in a hundred, to be opened as a proof. */
export async function readChunk(trx: Transaction, query: ChunkQuery): Promise<SealedRow[]> {
  const { column: sealed, orgId, after, upToDate } = query;
  const names = Object.keys(sealed.key);
  const order = names.map((name) => `"${name}"`).join(', ');
  const owner = sealed.organization === null ? 'NULL::uuid' : `"${sealed.organization}"`;
  const placeholders = Object.values(sealed.key).map((type) => `?::${type}`);
  const conditions = [
    'true',
    ...(orgId === null ? [] : [`${owner} = ?`]),
    ...(after === null ? [] : [`(${order}) > (${placeholders.join(', ')})`]),
  ];
  const { rows } = await trx.raw<{ rows: Fetched[] }>(
    `SELECT key_columns, organization, is_outdated, CASE WHEN is_outdated OR ordinal % ${SAMPLED} = 1 THEN envelope END AS envelope
       FROM (SELECT ARRAY[${names.map((name) => `"${name}"::text`).join(', ')}] AS key_columns, ${owner} AS organization,
                    "${sealed.column}" AS envelope, row_number() OVER (ORDER BY ${order}) AS ordinal,
                    coalesce(NOT CASE WHEN ${owner} IS NULL THEN ${beginsWith(sealed)} ELSE ${beginsWith(sealed)} END, false) AS is_outdated
               FROM ${sealed.table} WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ${LOOKED_AT}) AS looked_at
      ORDER BY ordinal`,
    [
      upToDate.ofInstallation,
      upToDate.ofInstallation,
      upToDate.ofOrganization,
      upToDate.ofOrganization,
      ...(orgId === null ? [] : [orgId]),
      ...(after ?? []),
    ],
  );
  return rows.map((row) => rowOf(names, row));
}

const beginsWith = ({ column }: SealedColumn): string => `substring("${column}" FROM 1 FOR octet_length(?::bytea)) = ?::bytea`;

export const isLastChunk = (rows: SealedRow[]): boolean => rows.length < LOOKED_AT;

function rowOf(names: string[], { key_columns: values, organization, envelope, is_outdated: outdated }: Fetched): SealedRow {
  return { key: Object.fromEntries(names.map((name, at) => [name, values[at]!])), orgId: organization, sealed: envelope, outdated };
}
