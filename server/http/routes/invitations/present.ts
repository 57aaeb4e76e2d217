import type { z } from 'zod';
import type { Invitation, OfferedRole } from '../../../../db/models/Invitation.ts';
import { statusOf } from '../../../../services/invitations/status.ts';
import { typeId } from '../../../ids.ts';
import { presentRoleRef } from '../roles/grantSchemas.ts';
import type { InvitationOut } from './schemas.ts';

/** Never the token: it is in the mail alone. */
export function presentInvitation(invitation: Invitation, now: Date): z.input<typeof InvitationOut> {
  const { id, email, roles, invitedByType, invitedBy, sentAt, expiresAt, acceptedAt, createdAt } = invitation;
  return {
    id: typeId('inv', id),
    email,
    roles: roles.map(presentOffered),
    status: statusOf(invitation, now),
    invited_by: { type: invitedByType, id: typeId(invitedByType === 'user' ? 'usr' : 'key', invitedBy) },
    sent_at: sentAt.toISOString(),
    expires_at: expiresAt.toISOString(),
    accepted_at: acceptedAt?.toISOString() ?? null,
    created_at: createdAt.toISOString(),
  };
}

const presentOffered = (offered: OfferedRole) => ({
  role: presentRoleRef('role' in offered ? { role: offered.role, roleId: null } : { role: null, roleId: offered.roleId }),
  workspace_id: offered.workspaceId ? typeId('wsp', offered.workspaceId) : null,
});
