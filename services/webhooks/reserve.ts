import type { Plan } from '../plans.ts';
import { PLANS, PLAN_LIMITS } from '../plans.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';

/**
 * Makes sure that the plan leaves room for one more endpoint, and holds that room until the transaction ends:
 * the organization's row is locked, so creations of one organization count one after the other.
 * Throws plan_limit_reached.
 */
export async function reserveWebhook({ trx, actor }: TenantContext): Promise<void> {
  // NO KEY: publishing must not wait for this.
  const organization = await trx('organizations').where({ id: actor.orgId }).forNoKeyUpdate().first<{ plan: Plan } | undefined>('plan');
  if (!organization) throw new AppError('not_found');
  const [row] = await trx('webhook_endpoints')
    .where({ org_id: actor.orgId })
    .whereNull('deleted_at')
    .count<{ count: number }[]>('* as count');
  const used = row?.count ?? 0;
  const limit = PLAN_LIMITS[organization.plan].webhookEndpoints;
  if (used < limit) return;
  throw new AppError('plan_limit_reached', {
    detail: `The ${organization.plan} plan has ${limit} webhook endpoints and ${used} are in use. ${remedy(limit)}`,
  });
}

function remedy(limit: number): string {
  const upgrade = PLANS.find((plan) => PLAN_LIMITS[plan].webhookEndpoints > limit);
  const raise = upgrade ? `move to the ${upgrade} plan, which has ${PLAN_LIMITS[upgrade].webhookEndpoints}` : 'ask for a higher limit';
  return `Delete one, or ${raise}.`;
}
