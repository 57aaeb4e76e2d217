import type { Domain } from '../../db/models/Domain.ts';
import { typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import type { ProofOutcome } from './challenge.ts';
import { getDomain } from './find.ts';
import { mailOwners } from './mailOwners.ts';

const HOUR_MS = 3_600_000;
export const DAILY_MS = 24 * HOUR_MS;
/** Name servers that did not answer are asked again sooner. */
const UNANSWERED_MS = 6 * HOUR_MS;
/** Days on which DNS says that the record is gone, before the domain lapses. */
const MOST_FAILURES = 3;
/** Days on which nobody can say: longer, because that may be our own network. */
const UNSEEN_MS = 7 * DAILY_MS;

export interface Recheck {
  /** null: the domain is not verified any more, or gone. */
  nextCheckAt: Date | null;
  /** To be woken after the commit. */
  mails: PromisedMail[];
}

const NOTHING_LEFT: Recheck = { nextCheckAt: null, mails: [] };

/** The verified domain that is to be looked at, null when there is none (any more). */
export async function dueDomain(tenant: TenantContext, id: string, { forChange = false } = {}): Promise<Domain | null> {
  try {
    const domain = await getDomain(tenant, id, { forChange });
    return domain.status === 'verified' ? domain : null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return null;
    throw error;
  }
}

/**
 * Writes down what a look at the record came to. The third day in a row without it, or the seventh on which DNS does not answer, ends the
 * verification; the owners hear of the first day and of the last. Safe to repeat: a look that was written down already is not due.
 */
export async function recordRecheck(tenant: TenantContext, id: string, outcome: ProofOutcome): Promise<Recheck> {
  const { trx, clock } = tenant;
  const domain = await dueDomain(tenant, id, { forChange: true });
  if (domain === null) return NOTHING_LEFT;
  const now = clock.now();
  if (domain.nextCheckAt !== null && domain.nextCheckAt > now) return { nextCheckAt: domain.nextCheckAt, mails: [] };
  const nextCheckAt = new Date(now.getTime() + (outcome === 'unreachable' ? UNANSWERED_MS : DAILY_MS));
  if (outcome === 'proven') {
    await domain.$query(trx).patch({ confirmedAt: now, checkedAt: now, nextCheckAt, failures: 0, lastFailure: null, updatedAt: now });
    return { nextCheckAt, mails: [] };
  }
  const failures = domain.failures + (outcome === 'missing' ? 1 : 0);
  const unseenMs = now.getTime() - (domain.confirmedAt ?? domain.createdAt).getTime();
  if (failures >= MOST_FAILURES || unseenMs >= UNSEEN_MS) return lapse(tenant, domain, { failures, outcome });
  await domain.$query(trx).patch({ checkedAt: now, nextCheckAt, failures, lastFailure: outcome, updatedAt: now });
  const first = outcome === 'missing' && failures === 1;
  return { nextCheckAt, mails: first ? await mailOwners(tenant, domain, { lapsed: false }) : [] };
}

async function lapse(
  tenant: TenantContext,
  domain: Domain,
  { failures, outcome }: { failures: number; outcome: 'missing' | 'unreachable' },
): Promise<Recheck> {
  const now = tenant.clock.now();
  const lapsed = { status: 'lapsed' as const, checkedAt: now, nextCheckAt: null, failures, lastFailure: outcome, updatedAt: now };
  await domain.$query(tenant.trx).patch(lapsed);
  await appendAudit(tenant, {
    action: 'domains.lapsed',
    category: 'system_config',
    severity: 'warning',
    reason: outcome,
    targets: [{ type: 'domain', id: typeId('dom', domain.id), name: domain.domain }],
    before: { status: 'verified' },
    after: { status: 'lapsed' },
  });
  return { nextCheckAt: null, mails: await mailOwners(tenant, domain, { lapsed: true }) };
}
