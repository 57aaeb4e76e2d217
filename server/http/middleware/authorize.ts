import { auditDenial } from '../../../services/audit/denial.ts';
import { bestEffort } from '../../../services/bestEffort.ts';
import type { Actor } from '../../../services/context.ts';
import { AppError } from '../../../services/errors/AppError.ts';
import type { Deps } from '../../deps.ts';
import type { Mount } from '../mounts.ts';
import type { Step } from '../state.ts';

/** Lets through who holds the operation's permission, or a session where that is asked for; a refusal is an audit entry. Throws permission_denied. */
export function authorize({ route }: Mount, deps: Deps): Step | null {
  const { permission, signedIn, operationId } = route;
  if (permission === undefined && !signedIn) return null;
  const lacks = permission ?? 'a session';
  const refuse = async (actor: Actor): Promise<void> => {
    await bestEffort(deps.logger, 'a refusal stands even when it cannot be recorded', auditDenial(deps, actor, { operationId, lacks }));
    throw new AppError('permission_denied', {
      detail: permission
        ? `${operationId} needs the permission ${permission}, which this credential does not have.`
        : `${operationId} is for people: send the access token of a session.`,
    });
  };
  return (ctx, next) => {
    const { actor, session } = ctx.state;
    if (signedIn && session) return next(ctx);
    return permission !== undefined && actor!.permissions.has(permission) ? next(ctx) : refuse(actor!);
  };
}
