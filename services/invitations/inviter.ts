import type { Invitation } from '../../db/models/Invitation.ts';
import { ceilingOf } from '../access/ceiling.ts';
import type { Granter } from '../access/ceiling.ts';
import type { Actor, TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import type { Permission } from '../permissions.ts';

/** One of these lets somebody invite: each opens one of the two paths. */
const INVITING: readonly Permission[] = ['team.manage_members', 'user.create'];

/** Who answers for an invitation: the credential that sent it last. */
export function inviterOf({ type, id }: Actor): Pick<Invitation, 'invitedByType' | 'invitedBy'> {
  if (type !== 'user' && type !== 'api_key') throw new TypeError(`A ${type} invites nobody`);
  return { invitedByType: type, invitedBy: id };
}

/**
 * Who invited, as somebody who may still let people in. Throws conflict when they may not any more: they left, lost the role, or their key
 * was revoked.
 */
export async function currentInviter(tenant: TenantContext, { invitedByType, invitedBy }: Invitation): Promise<Granter> {
  const inviter: Granter = { type: invitedByType, id: invitedBy, workspaceId: null };
  const { permissions, workspaceId } = await ceilingOf(tenant, inviter);
  if (INVITING.some((permission) => permissions.has(permission)) && workspaceId === null) return inviter;
  throw outdated();
}

/** The same to who accepts, whatever the reason: how the organization is run is not theirs to know yet. */
export const outdated = (cause?: unknown): AppError => new AppError('invitation_outdated', { ...(cause !== undefined && { cause }) });
