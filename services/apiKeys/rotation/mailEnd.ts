import type { ApiKey } from '../../../db/models/ApiKey.ts';
import { activeOwners } from '../../../db/queries/activeOwners.ts';
import { typeId } from '../../../server/ids.ts';
import type { TenantContext } from '../../context.ts';
import { enqueueMail } from '../../mail/enqueueMail.ts';
import { apiKeyEndingMail } from '../../mail/templates/apiKeyEnding.ts';

/** Tells the person whose key it is, or the owners of the organization, when a key ends. The relay wakes the mails. */
export async function mailEnd(
  tenant: TenantContext,
  key: ApiKey,
  { endsAt, replaced }: { endsAt: Date; replaced: boolean },
): Promise<void> {
  const { trx, actor } = tenant;
  const organization = await trx('organizations').where({ id: actor.orgId }).first<{ name: string }>('name');
  const data = { organization: organization.name, key: key.name, keyId: typeId('key', key.id), last4: key.last4, endsAt, replaced };
  for (const { userId, email } of await recipients(tenant, key)) {
    await enqueueMail(tenant, { to: email, template: apiKeyEndingMail, data, orgId: actor.orgId, userId, usefulUntil: endsAt });
  }
}

async function recipients({ trx, actor }: TenantContext, { ownerUserId }: ApiKey): Promise<{ userId: string; email: string }[]> {
  if (ownerUserId === null) return activeOwners(trx, actor.orgId);
  const person = await trx('users')
    .where({ id: ownerUserId })
    .whereNull('deleted_at')
    .whereNotNull('email_verified_at')
    .first<{ email: string } | undefined>('email');
  return person ? [{ userId: ownerUserId, email: person.email }] : [];
}
