import type { TenantContext } from '../context.ts';
import { lockLimits } from './assertRoom.ts';
import { limitOf } from './limits.ts';
import { limitReached } from './refusals.ts';
import { countMembers } from './seats.ts';

/**
 * Makes sure that somebody who was invited finds a seat, and holds it until the transaction ends. Their invitation counted as one, so they
 * need no second: what counts here is members alone. It can be refused all the same, after the plan was lowered. Throws plan_limit_reached, not_found.
 */
export async function assertSeatForInvited(tenant: TenantContext): Promise<void> {
  const limited = await lockLimits(tenant);
  const limit = limitOf(limited, 'seats');
  if (limit === null) return;
  const used = await countMembers(tenant);
  if (used + 1 > limit) throw limitReached(limited, { name: 'seats', limit, used });
}
