import { Organization } from '../../../db/models/Organization.ts';
import { typeId } from '../../../server/ids.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import type { PromisedMail } from '../../mail/enqueueMail.ts';
import { warnOwners } from './warnOwners.ts';

const DAY_MS = 86_400_000;
/** So many days before the end its owners are warned, when that is still to come. */
const WARN_DAYS_BEFORE = [7, 1];

export type DeletionState =
  /** There is something to do at `nextAt`; `mails` are to be sent after the commit. */
  | { state: 'waiting'; nextAt: Date; mails: PromisedMail[] }
  /** Nothing comes back any more: erase. */
  | { state: 'erasing' }
  /** It was restored, or everything is erased. */
  | { state: 'over' };

/**
 * Looks how far the deletion of the transaction's organization is: warns its owners when it is time to, and at its end makes the erasure begin,
 * after which nobody restores it. Safe to repeat.
 */
export async function tendDeletion(tenant: TenantContext): Promise<DeletionState> {
  const { trx, actor, clock } = tenant;
  const organization = await Organization.query(trx).findById(actor.orgId).forNoKeyUpdate();
  if (!organization || organization.deletedAt === null || organization.deletionDueAt === null || organization.erasedAt !== null) {
    return { state: 'over' };
  }
  if (organization.erasureStartedAt !== null) return { state: 'erasing' };
  const now = clock.now();
  if (organization.deletionDueAt <= now) {
    await beginErasure(tenant, organization, now);
    return { state: 'erasing' };
  }
  const warnings = warningsOf(organization.deletedAt, organization.deletionDueAt);
  const passed = warnings.filter(({ at }) => at <= now);
  // Of several that were missed one is enough.
  const mails = passed.length > organization.deletionWarnings ? await warnOwners(tenant, organization, passed.at(-1)!.days) : [];
  const nextAt = warnings.find(({ at }) => at > now)?.at ?? organization.deletionDueAt;
  await organization.$query(trx).patch({ deletionWarnings: passed.length, deletionNextAt: nextAt });
  return { state: 'waiting', nextAt, mails };
}

const warningsOf = (deletedAt: Date, dueAt: Date): { days: number; at: Date }[] =>
  WARN_DAYS_BEFORE.map((days) => ({ days, at: new Date(dueAt.getTime() - days * DAY_MS) })).filter(({ at }) => at > deletedAt);

async function beginErasure({ trx, ...tenant }: TenantContext, organization: Organization, now: Date): Promise<void> {
  await organization.$query(trx).patch({ erasureStartedAt: now, deletionNextAt: now });
  await appendAudit(
    { trx, ...tenant },
    {
      action: 'organizations.erase',
      category: 'compliance',
      severity: 'critical',
      reason: 'the time to restore it is over',
      targets: [{ type: 'organization', id: typeId('org', organization.id) }],
    },
  );
}
