import type { Transaction } from 'objection';
import { AppError } from '../errors/AppError.ts';
import { ownOrganizations } from './ownOrganizations.ts';

/** The organization to enter: the wanted one, or the only one. Throws not_found, the same for one that is a stranger's and one that is not there. */
export async function chooseOrganization(trx: Transaction, userId: string, wanted: string | undefined): Promise<string | null> {
  const own = await ownOrganizations(trx, userId);
  if (wanted === undefined) return own.length === 1 ? own[0]!.orgId : null;
  if (!own.some(({ orgId }) => orgId === wanted)) throw new AppError('not_found');
  return wanted;
}
