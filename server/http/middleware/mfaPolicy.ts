import { auditDenial } from '../../../services/audit/denial.ts';
import { bestEffort } from '../../../services/bestEffort.ts';
import { assertPolicy } from '../../../services/mfa/assertPolicy.ts';
import type { Deps } from '../../deps.ts';
import type { Mount } from '../mounts.ts';
import type { Ctx, Step } from '../state.ts';

/**
 * Holds sessions to what their organization asks of them, with every request: the factor must have been used in this session (ADR 0065).
 * Keys have no factors; `auth/*` and whatever else needs no organization stays reachable. Throws mfa_required.
 */
export function mfaPolicy({ route }: Mount, deps: Deps): Step | null {
  const { permission, anyCredential, signedIn, operationId } = route;
  if (signedIn || (permission === undefined && !anyCredential)) return null;
  const refuse = async ({ state }: Ctx, error: unknown): Promise<void> => {
    const denial = { operationId, lacks: 'the second factor that the policy asks for' };
    await bestEffort(deps.logger, 'a refusal stands even when it cannot be recorded', auditDenial(deps, state.actor!, denial));
    throw error;
  };
  return (ctx, next) => {
    const { session } = ctx.state;
    try {
      if (session) assertPolicy(session, deps.clock.now());
    } catch (error) {
      return refuse(ctx, error);
    }
    return next(ctx);
  };
}
