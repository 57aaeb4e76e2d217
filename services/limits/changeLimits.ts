import { isDeepStrictEqual } from 'node:util';
import { typeId } from '../../server/ids.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { findOrganization } from '../organizations/findOrganization.ts';
import type { Plan } from '../plans.ts';
import type { Feature, LimitOverrides, NumberLimit } from './limits.ts';
import { reportLimits } from './report.ts';
import type { LimitReport } from './report.ts';

/** What an operator agrees with an organization: another plan, and what it has more, or less, than that. */
export interface LimitChange {
  plan?: Plan;
  set: LimitOverrides;
  /** These follow the plan again. */
  unset: readonly (NumberLimit | Feature)[];
}

/**
 * Changes what the organization may have, with an audit entry unless everything was so already; returns how it is then. Who has more than
 * is allowed now keeps it and adds nothing. Throws not_found, also when it is being deleted.
 */
export async function changeLimits(tenant: TenantContext, { plan, set, unset }: LimitChange): Promise<LimitReport> {
  const organization = await findOrganization(tenant, { forChange: true });
  const before = { plan: organization.plan, limit_overrides: organization.limitOverrides };
  const kept = Object.entries(organization.limitOverrides).filter(([name]) => !unset.some((other) => other === name));
  const after = { plan: plan ?? organization.plan, limit_overrides: { ...Object.fromEntries(kept), ...set } };
  if (!isDeepStrictEqual(before, after)) {
    const { trx, actor, clock } = tenant;
    await organization.$query(trx).patch({ plan: after.plan, limitOverrides: after.limit_overrides, updatedAt: clock.now() });
    await appendAudit(tenant, {
      action: 'organizations.change_limits',
      category: 'system_config',
      targets: [{ type: 'organization', id: typeId('org', actor.orgId), name: organization.name }],
      before,
      after,
    });
  }
  return reportLimits(tenant);
}
