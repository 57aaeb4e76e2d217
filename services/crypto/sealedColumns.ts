import { sealedKeyContext } from '../apiKeys/rotation/pickUp.ts';
import { auditKeyContext } from '../audit/subjectKeys.ts';
import { valueContext } from '../events/erasures/start.ts';
import { signingKeyContext } from '../auth/signingKeys/signingKey.ts';
import { successorContext } from '../auth/successorContext.ts';
import { answerContext } from '../idempotency/claims.ts';
import { mailContext } from '../mail/enqueueMail.ts';
import { totpContext } from '../mfa/verifyTotp.ts';
import { headersContext } from '../webhooks/customHeaders.ts';
import { secretContext } from '../webhooks/secrets.ts';
import { dataKeyContext } from './dataKeys.ts';
import { derivedKeyContext } from './derivedKeys.ts';

type KeyColumns = Readonly<Record<string, 'uuid' | 'text'>>;

/** A column that holds envelopes of a vault: what a rotation of keys must know to open and seal them again. */
export interface SealedColumn<Key extends KeyColumns = KeyColumns> {
  table: string;
  column: string;
  /** The column with the organization by whose vault a row is sealed (TenantContext.vault). null, or a row without one: by the master key (deps.vault). */
  organization: 'org_id' | 'for_org_id' | null;
  /** The primary key, in its order. */
  key: Key;
  /** What was given to `seal`, from the values of the primary key as text. */
  context: (key: Record<keyof Key, string>) => string;
}

const IN_ORGANIZATION = { org_id: 'uuid', id: 'uuid' } as const;
const OF_PERSON = { user_id: 'uuid', id: 'uuid' } as const;

/**
 * Every column with sealed values. `tests/guards/sealedColumns.test.ts` fails on a column that is missing here: a rotation would leave its
 * values under the old key, and whoever then removed that key would lose them.
 */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  sealedColumn('derived_keys.sealed', null, { purpose: 'text' }, ({ purpose }) => derivedKeyContext(purpose)),
  sealedColumn('data_keys.wrapped', null, IN_ORGANIZATION, (row) => dataKeyContext(row.org_id, row.id)),
  sealedColumn('signing_keys.sealed_private_key', null, { kid: 'text' }, ({ kid }) => signingKeyContext(kid)),
  sealedColumn('refresh_tokens.sealed_successor', null, OF_PERSON, (row) => successorContext({ userId: row.user_id, id: row.id })),
  sealedColumn('totp_factors.sealed_secret', null, OF_PERSON, (row) => totpContext({ userId: row.user_id, id: row.id })),
  sealedColumn('mails.sealed', 'for_org_id', { id: 'uuid' }, ({ id }) => mailContext(id)),
  sealedColumn('webhook_secrets.sealed', 'org_id', IN_ORGANIZATION, (row) => secretContext(row.org_id, row.id)),
  sealedColumn('webhook_endpoints.headers_sealed', 'org_id', IN_ORGANIZATION, (row) => headersContext(row.org_id, row.id)),
  sealedColumn('key_rotations.sealed_key', 'org_id', IN_ORGANIZATION, (row) => sealedKeyContext(row.org_id, row.id)),
  sealedColumn('payload_erasures.sealed_value', 'org_id', IN_ORGANIZATION, (row) => valueContext(row.org_id, row.id)),
  sealedColumn('audit_keys.sealed_key', 'org_id', { org_id: 'uuid', subject_ref: 'text' }, (row) =>
    auditKeyContext(row.org_id, row.subject_ref),
  ),
  sealedColumn(
    'idempotency_keys.sealed_answer',
    'org_id',
    { org_id: 'uuid', credential_id: 'uuid', route: 'text', key: 'text' },
    ({ org_id: orgId, credential_id: credentialId, route, key }) => answerContext({ orgId, credentialId, route, key }),
  ),
];

/** How rotations name a column in their position and status. */
export const nameOf = ({ table, column }: SealedColumn): string => `${table}.${column}`;

function sealedColumn<Key extends KeyColumns>(
  name: `${string}.${string}`,
  organization: SealedColumn['organization'],
  key: Key,
  context: SealedColumn<Key>['context'],
): SealedColumn {
  const [table, column] = name.split('.') as [string, string];
  return { table, column, organization, key, context: context as SealedColumn['context'] };
}
