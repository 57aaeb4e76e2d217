import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import type { Plan } from '../plans.ts';
import { COUNTS } from './counts.ts';
import type { CountedLimit } from './counts.ts';
import { hasFeature, isFeature, limitOf, limitOverrides } from './limits.ts';
import type { Feature, Limited } from './limits.ts';
import { featureMissing, limitReached } from './refusals.ts';

/**
 * Makes sure that the organization may have `adding` more of it, and holds that room until the transaction ends: the organization's row is
 * locked, so those who add to one organization count one after the other. Call it before the insert, in its transaction. A feature is
 * had or not; `adding` means nothing then. Throws plan_limit_reached (402), plan_feature_missing (403); not_found when the organization is gone.
 */
export async function assertRoom(tenant: TenantContext, name: CountedLimit | Feature, adding = 1): Promise<void> {
  const limited = await lockLimits(tenant);
  if (isFeature(name)) return assertFeature(limited, name);
  const limit = limitOf(limited, name);
  if (limit === null) return;
  const used = await COUNTS[name](tenant);
  if (used + adding > limit) throw limitReached(limited, { name, limit, used });
}

/** Throws plan_feature_missing. */
export function assertFeature(limited: Limited, feature: Feature): void {
  if (!hasFeature(limited, feature)) throw featureMissing(limited, feature);
}

/** What the organization may have, and the lock that keeps others from adding until the transaction ends. */
export async function lockLimits({ trx, actor }: Pick<TenantContext, 'trx' | 'actor'>): Promise<Limited> {
  // NO KEY: publishing, and whatever else only points at the organization, must not wait for this.
  const row = await trx('organizations')
    .where({ id: actor.orgId })
    .whereNull('deleted_at')
    .forNoKeyUpdate()
    .first<{ plan: Plan; limit_overrides: unknown } | undefined>('plan', 'limit_overrides');
  if (!row) throw new AppError('not_found');
  return { plan: row.plan, overrides: limitOverrides(row.limit_overrides) };
}
