import { auditDenial } from '../../../services/audit/denial.ts';
import { bestEffort } from '../../../services/bestEffort.ts';
import { AppError } from '../../../services/errors/AppError.ts';
import type { Deps } from '../../deps.ts';
import type { Mount } from '../mounts.ts';
import type { Step } from '../state.ts';

/** Lets through who holds the operation's permission; a refusal is an audit entry. Throws permission_denied. */
export function authorize({ route }: Mount, deps: Deps): Step | null {
  const { permission, operationId } = route;
  if (permission === undefined) return null;
  return async (ctx, next) => {
    const actor = ctx.state.actor!;
    if (actor.permissions.has(permission)) return next(ctx);
    await bestEffort(
      deps.logger,
      'a refusal stands even when it cannot be recorded',
      auditDenial(deps, actor, { operationId, permission }),
    );
    throw new AppError('permission_denied', {
      detail: `${operationId} needs the permission ${permission}, which this credential does not have.`,
    });
  };
}
