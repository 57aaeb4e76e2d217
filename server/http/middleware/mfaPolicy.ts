import { auditDenial } from '../../../services/audit/denial.ts';
import { bestEffort } from '../../../services/bestEffort.ts';
import { assertPolicy } from '../../../services/mfa/assertPolicy.ts';
import type { Deps } from '../../deps.ts';
import type { Mount } from '../mounts.ts';
import type { Step } from '../state.ts';

/**
 * Holds sessions to what their organization asks of them, with every request: the factor must have been used in this session (ADR 0065).
 * Keys have no factors; `auth/*` and whatever else needs no organization stays reachable. Throws mfa_required.
 */
export function mfaPolicy({ route }: Mount, deps: Deps): Step | null {
  const { permission, anyCredential, signedIn, operationId } = route;
  if (signedIn || (permission === undefined && !anyCredential)) return null;
  return async (ctx, next) => {
    const { session, actor } = ctx.state;
    if (!session) return next(ctx);
    try {
      assertPolicy(session, deps.clock.now());
    } catch (error) {
      const denial = { operationId, lacks: 'the second factor that the policy asks for' };
      await bestEffort(deps.logger, 'a refusal stands even when it cannot be recorded', auditDenial(deps, actor!, denial));
      throw error;
    }
    return next(ctx);
  };
}
