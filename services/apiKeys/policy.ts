import { organizationSettings } from '../organizations/settings.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { PLANS, PLAN_LIMITS, isPlan } from '../plans.ts';
import type { Plan } from '../plans.ts';
import { lifetimeEnd } from './lifetime.ts';

/** What the organization and its plan lay down for keys. */
export interface KeyPolicy {
  plan: Plan;
  apiEnabled: boolean;
  /** How old a key may get; null: as old as its own expiry lets it. */
  maxLifetimeDays: number | null;
  /** The most requests an hour that a key may be given; what it has without a number of its own. */
  requestsPerHour: number;
}

/** The policy in force. Throws not_found when the organization is gone. */
export async function readKeyPolicy({ trx, actor }: Pick<TenantContext, 'trx' | 'actor'>): Promise<KeyPolicy> {
  const row = await trx('organizations')
    .where({ id: actor.orgId })
    .first<{ plan: string; settings: unknown } | undefined>('plan', 'settings');
  if (!row) throw new AppError('not_found');
  const { apiEnabled, apiKeys } = organizationSettings(row.settings);
  const plan = isPlan(row.plan) ? row.plan : 'free';
  return { plan, apiEnabled, maxLifetimeDays: apiKeys.maxLifetimeDays, requestsPerHour: PLAN_LIMITS[plan].requestsPerHourPerKey };
}

/**
 * When a key that is made or changed shall end: as asked, or as late as the policy allows when nothing is asked.
 * Throws validation_failed at `body.expires_at` for the past, and for what the policy does not allow.
 */
export function resolveExpiry(
  asked: Date | null,
  { createdAt, now }: { createdAt: Date; now: Date },
  { maxLifetimeDays }: KeyPolicy,
): Date | null {
  const latest = lifetimeEnd(createdAt, maxLifetimeDays);
  if (asked === null) return latest;
  if (asked <= now) throw refused('must be in the future');
  if (latest && asked > latest) {
    throw refused(
      `must not be after ${latest.toISOString()}: the organization's policy ends keys ${maxLifetimeDays} days after they were created`,
    );
  }
  return asked;
}

/** Throws plan_limit_reached: a key's own limit may be below that of the plan. */
export function assertRateLimit(requestsPerHour: number | null, { plan, requestsPerHour: limit }: KeyPolicy): void {
  if (requestsPerHour === null || requestsPerHour <= limit) return;
  const upgrade = PLANS.find((other) => PLAN_LIMITS[other].requestsPerHourPerKey >= requestsPerHour) ?? null;
  throw new AppError('plan_limit_reached', {
    detail: `The ${plan} plan gives a key ${limit} requests an hour at most. Ask for less, or leave rate_limit_per_hour out to follow the plan.`,
    extensions: { limit: { name: 'requests_per_hour_per_key', limit, asked: requestsPerHour, plan, upgrade_to: upgrade } },
  });
}

const refused = (message: string): AppError =>
  new AppError('validation_failed', { detail: `body.expires_at ${message}`, fields: [{ location: 'body.expires_at', message }] });
