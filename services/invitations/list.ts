import { Invitation } from '../../db/models/Invitation.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import type { TenantContext } from '../context.ts';
import type { Slice } from '../slice.ts';
import type { InvitationStatus } from './status.ts';

/** The organization's invitations, newest first. Throws permission_denied in a workspace. */
export async function listInvitations(
  { trx, actor, clock }: TenantContext,
  { after, fetch }: Slice,
  { status, email }: { status?: InvitationStatus | undefined; email?: string | undefined },
): Promise<Invitation[]> {
  assertWholeOrganization(actor);
  const now = clock.now();
  const query = Invitation.query(trx).where({ org_id: actor.orgId }).orderBy('id', 'desc').limit(fetch);
  if (after !== null) void query.where('id', '<', after);
  if (email !== undefined) void query.where({ email });
  if (status === 'pending') void query.where({ status }).where('expires_at', '>', now);
  else if (status === 'expired')
    void query.where((over) => over.where({ status }).orWhere((late) => late.where({ status: 'pending' }).where('expires_at', '<=', now)));
  else if (status !== undefined) void query.where({ status });
  return query;
}
