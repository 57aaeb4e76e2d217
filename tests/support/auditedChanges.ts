import { withTenant } from '../../db/tenancy.ts';
import { typeId } from '../../server/ids.ts';
import { decodeDisclosure, openDisclosure } from '../../services/audit/disclosure.ts';
import { createSubjectKeys } from '../../services/audit/subjectKeys.ts';
import { createVault } from '../../services/crypto/vault.ts';
import type { TestDatabase } from './database.ts';
import { TEST_SECRETS } from './testConfig.ts';

interface AuditedChange {
  before: Record<string, unknown>;
  after: Record<string, unknown>;
}

/** What the entries of an action about the organization itself disclose as `after`, the oldest first. */
export async function auditedChanges(database: TestDatabase, orgId: string, action: string): Promise<Record<string, unknown>[]> {
  const changes = await auditedChangesOf(database, orgId, { action, subject: `organization:${typeId('org', orgId)}` });
  return changes.map(({ after }) => after);
}

/** What the entries of an action about this subject (`user:usr_…`) disclose, the oldest first. */
export async function auditedChangesOf(
  database: TestDatabase,
  orgId: string,
  { action, subject }: { action: string; subject: string },
): Promise<AuditedChange[]> {
  return withTenant(database.app, orgId, async (trx) => {
    const keys = await createSubjectKeys(createVault(TEST_SECRETS.ENCRYPTION_KEYS)).of(trx, orgId, [subject]);
    const rows = await trx('audit_view as v')
      .join('audit_disclosure as d', 'd.entry_id', 'v.entry_id')
      .where({ action, path: 'chg' })
      .orderBy('v.entry_id')
      .select<{ id: string; sealed: Buffer }[]>('v.entry_id as id', 'd.enc_disclosure as sealed');
    return rows.map(({ id, sealed }) => decodeDisclosure(openDisclosure(keys.get(subject)!, id, 'chg', sealed)).at(-1) as AuditedChange);
  });
}
