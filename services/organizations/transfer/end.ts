import type { OwnershipTransfer } from '../../../db/models/OwnershipTransfer.ts';
import { memberGrants } from '../../../db/queries/memberGrants.ts';
import { typeId } from '../../../server/ids.ts';
import { personSession } from '../../access/personSession.ts';
import { appendAudit } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { pendingTransfer } from './find.ts';
import { isOwner } from '../isOwner.ts';

/** Ends a pending transfer: any owner cancels it, the member it was offered to declines it. To everybody else there is none. Throws not_found, permission_denied. */
export async function endTransfer(tenant: TenantContext): Promise<OwnershipTransfer> {
  const { trx, actor, clock } = tenant;
  personSession(actor, 'A transfer is ended by a person: send the access token of a session.');
  const transfer = await pendingTransfer(tenant);
  const declines = transfer.toUserId === actor.id;
  const grants = await memberGrants(trx, actor.orgId, actor.id);
  if (!declines && !grants?.some(isOwner)) throw new AppError('not_found');
  const status = declines ? ('declined' as const) : ('cancelled' as const);
  const ended = await transfer.$query(trx).patchAndFetch({ status, finishedAt: clock.now() });
  await appendAudit(tenant, {
    action: 'organizations.cancel_ownership_transfer',
    category: 'user_management',
    targets: [
      { type: 'organization', id: typeId('org', actor.orgId) },
      { type: 'user', id: typeId('usr', transfer.toUserId) },
    ],
    after: { status },
  });
  return ended;
}
