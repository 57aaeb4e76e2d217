import { typeId } from '../../server/ids.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { getInvitation } from './find.ts';
import { statusOf } from './status.ts';

/** Takes an invitation back: its token opens nothing any longer, and its seat is free. A repeat changes nothing. Throws not_found, permission_denied, conflict once it is accepted. */
export async function revokeInvitation(tenant: TenantContext, id: string): Promise<void> {
  const { trx, actor, clock } = tenant;
  assertWholeOrganization(actor);
  const invitation = await getInvitation(tenant, id, { forChange: true });
  if (invitation.status === 'revoked') return;
  if (invitation.status === 'accepted') {
    throw new AppError('conflict', { detail: 'The invitation is accepted already. Remove the member instead.' });
  }
  const now = clock.now();
  const before = { status: statusOf(invitation, now) };
  await invitation.$query(trx).patch({ status: 'revoked', updatedAt: now });
  await appendAudit(tenant, {
    action: 'invitations.revoke',
    category: 'user_management',
    targets: [{ type: 'invitation', id: typeId('inv', id), name: invitation.email }],
    before,
    after: { status: 'revoked' },
  });
}
