import { OwnershipTransfer } from '../../../db/models/OwnershipTransfer.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';

/** The newest transfer; what ran out shows as expired. Throws not_found when there was none. */
export async function findTransfer({ trx, actor, clock }: TenantContext): Promise<OwnershipTransfer> {
  const transfer = await OwnershipTransfer.query(trx).where({ org_id: actor.orgId }).orderBy('id', 'desc').first();
  if (!transfer) throw new AppError('not_found');
  if (transfer.status !== 'pending' || transfer.expiresAt > clock.now()) return transfer;
  transfer.status = 'expired';
  transfer.finishedAt = transfer.expiresAt;
  return transfer;
}

/** The one that can be taken up now, locked until the transaction ends. Throws not_found. */
export async function pendingTransfer({ trx, actor, clock }: TenantContext): Promise<OwnershipTransfer> {
  const transfer = await OwnershipTransfer.query(trx)
    .findOne({ org_id: actor.orgId, status: 'pending' })
    .where('expires_at', '>', clock.now())
    .forUpdate();
  if (!transfer) throw new AppError('not_found');
  return transfer;
}
