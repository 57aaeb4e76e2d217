import { lockInTenant } from '../../../db/lockInTenant.ts';
import { PayloadErasure } from '../../../db/models/PayloadErasure.ts';
import { newId, typeId } from '../../../server/ids.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { enqueueErasure } from '../../outbox/erasures.ts';
import type { PromisedErasure } from '../../outbox/erasures.ts';
import { placeText } from './place.ts';
import type { Place } from './place.ts';

/** Whose events: where the data names the subject, and by what. */
export interface Subject {
  path: Place;
  value: string | number;
}

/** Each reads every event of the organization. */
const MOST_AT_ONCE = 10;

/** Opens with nothing but the row that it was sealed for. */
export const valueContext = (orgId: string, id: string): string => `payload_erasure:${orgId}:${id}`;

/**
 * Puts the erasure on record and promises its workflow. The value is stored sealed, for as long as it runs; neither the audit log nor
 * Temporal gets it. `promise` is to be kept after the commit. Throws conflict while ten erasures are not finished.
 */
export async function startErasure(
  tenant: TenantContext,
  subject: Subject,
): Promise<{ erasure: PayloadErasure; promise: PromisedErasure }> {
  const { trx, actor, clock, vault } = tenant;
  await lockInTenant(trx, actor.orgId, 'start_erasure');
  const unfinished = await PayloadErasure.query(trx).where({ org_id: actor.orgId }).whereNull('finished_at').resultSize();
  if (unfinished >= MOST_AT_ONCE) {
    throw new AppError('conflict', { detail: `${unfinished} erasures are not finished. Wait for one of them.` });
  }
  const id = newId(clock);
  const sealedValue = vault.seal(JSON.stringify(subject.value), valueContext(actor.orgId, id));
  const path = placeText(subject.path);
  // When it was made is told by the clock that tells when an event was: the database's.
  await trx('payload_erasures').insert({ org_id: actor.orgId, id, workspace_id: actor.workspaceId, path, sealed_value: sealedValue });
  await appendAudit(tenant, {
    action: 'events.erase_payloads',
    category: 'compliance',
    severity: 'warning',
    targets: [{ type: 'organization', id: typeId('org', actor.orgId) }],
    after: { erasure_id: typeId('ers', id), path },
  });
  const erasure = await PayloadErasure.query(trx).findOne({ org_id: actor.orgId, id }).throwIfNotFound();
  return { erasure, promise: await enqueueErasure(trx, actor.orgId, id) };
}
