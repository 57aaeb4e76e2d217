import { Invitation } from '../../db/models/Invitation.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';

/** `forChange` makes other changes of it wait until the transaction ends. Throws not_found. */
export async function getInvitation({ trx, actor }: TenantContext, id: string, { forChange = false } = {}): Promise<Invitation> {
  const query = Invitation.query(trx).findOne({ org_id: actor.orgId, id });
  if (forChange) void query.forNoKeyUpdate();
  const invitation = await query;
  if (!invitation) throw new AppError('not_found');
  return invitation;
}
