import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import type { TenantContext } from '../context.ts';
import { findOrganization } from '../organizations/findOrganization.ts';
import type { Plan } from '../plans.ts';
import { PLAN_LIMITS } from '../plans.ts';
import { eventsThisMonth } from '../usage/eventsThisMonth.ts';
import { COUNTS } from './counts.ts';
import type { CountedLimit } from './counts.ts';
import { FEATURES, NUMBER_LIMITS, hasFeature, limitOf, limitOverrides } from './limits.ts';
import type { Feature, NumberLimit } from './limits.ts';

export interface LimitReport {
  plan: Plan;
  limits: { name: NumberLimit; limit: number | null; used: number; overridden: boolean }[];
  features: { name: Feature; included: boolean; overridden: boolean }[];
  /** Of the plan; a key may have its own. */
  requestsPerHourPerKey: number;
}

/** What the organization may have, what of it is in use, and what its own agreement changes of the plan. Throws not_found, permission_denied in a workspace. */
export async function reportLimits(tenant: TenantContext): Promise<LimitReport> {
  assertWholeOrganization(tenant.actor);
  const { plan, limitOverrides: raw } = await findOrganization(tenant);
  const overrides = limitOverrides(raw);
  const limits: LimitReport['limits'] = [];
  for (const name of Object.keys(NUMBER_LIMITS) as NumberLimit[]) {
    const used = name === 'events_per_month' ? await eventsThisMonth(tenant) : await COUNTS[name satisfies CountedLimit](tenant);
    limits.push({ name, limit: limitOf({ plan, overrides }, name), used, overridden: name in overrides });
  }
  const features = (Object.keys(FEATURES) as Feature[]).map((name) => ({
    name,
    included: hasFeature({ plan, overrides }, name),
    overridden: name in overrides,
  }));
  return { plan, limits, features, requestsPerHourPerKey: PLAN_LIMITS[plan].requestsPerHourPerKey };
}
