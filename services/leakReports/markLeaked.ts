import { ApiKey } from '../../db/models/ApiKey.ts';
import { Organization } from '../../db/models/Organization.ts';
import { activeOwners } from '../../db/queries/activeOwners.ts';
import { typeId } from '../../server/ids.ts';
import { publishKeyEvent } from '../apiKeys/rotation/publishKeyEvent.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { enqueueMail } from '../mail/enqueueMail.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import { apiKeyLeakedMail } from '../mail/templates/apiKeyLeaked.ts';
import { organizationSettings } from '../organizations/settings.ts';
import type { LeakReport } from './takeReports.ts';

/** A key that was reported again within this time, and was not enabled meanwhile, alarms nobody a second time. */
const QUIET_MS = 24 * 3_600_000;

interface Finding extends Omit<LeakReport, 'token'> {
  reporter: string;
}

/**
 * Disables a leaked key where the organization's policy says so, and raises the alarm in the same transaction: an audit entry, the event
 * `api_key.leaked`, and mails to the owners of the organization. Returns the mails to wake.
 */
export async function markLeaked(tenant: TenantContext, keyId: string, finding: Finding): Promise<PromisedMail[]> {
  const { trx, actor, clock } = tenant;
  const now = clock.now();
  const key = await ApiKey.query(trx).findOne({ org_id: actor.orgId, id: keyId }).forNoKeyUpdate();
  if (!key || key.revokedAt) return [];
  const organization = await Organization.query(trx).findById(actor.orgId).throwIfNotFound();
  const disables = organizationSettings(organization.settings).apiKeys.disableLeaked && key.disabledAt === null;
  const toldLately = key.leakedAt !== null && now.getTime() - key.leakedAt.getTime() < QUIET_MS;
  if (toldLately && !disables) return [];
  const off = disables ? { disabledAt: now, disabledReason: 'leaked' as const } : {};
  await key.$query(trx).patch({ ...off, leakedAt: now, updatedAt: now });
  await raiseAlarm(tenant, key, finding);
  return tellOwners(tenant, organization, { key, url: finding.url, disabled: key.disabledAt !== null });
}

async function raiseAlarm(tenant: TenantContext, key: ApiKey, { reporter, url, source }: Finding): Promise<void> {
  const disabled = key.disabledAt !== null;
  await appendAudit(tenant, {
    action: 'leak_reports.create',
    category: 'authentication',
    severity: 'critical',
    targets: [{ type: 'api_key', id: typeId('key', key.id), name: key.name }],
    after: { reporter, url, source, disabled },
  });
  await publishKeyEvent(tenant, 'api_key.leaked', key, { reported_at: tenant.clock.now().toISOString(), reporter, url, disabled });
}

async function tellOwners(
  tenant: TenantContext,
  { id: orgId, name }: Organization,
  { key, url, disabled }: { key: ApiKey; url: string | null; disabled: boolean },
): Promise<PromisedMail[]> {
  const data = { organization: name, key: key.name, keyId: typeId('key', key.id), last4: key.last4, url, disabled };
  const mails: PromisedMail[] = [];
  for (const { userId, email } of await activeOwners(tenant.trx, orgId)) {
    mails.push(await enqueueMail(tenant, { to: email, template: apiKeyLeakedMail, data, orgId, userId }));
  }
  return mails;
}
