import { Invitation } from '../../db/models/Invitation.ts';
import type { TenantContext } from '../context.ts';

/**
 * Takes back what is still offered to an address (normalized): whoever has it came in by another way, or was put out and must not come back by it.
 * Returns how many invitations that were. Call it under the lock of the organization's access (`lockAccess`).
 */
export async function endInvitationsFor({ trx, actor, clock }: TenantContext, email: string): Promise<number> {
  const pending = { org_id: actor.orgId, email, status: 'pending' };
  return Invitation.query(trx).where(pending).patch({ status: 'revoked', updatedAt: clock.now() });
}
