import { z } from 'zod';
import type { OwnershipTransfer } from '../../../../db/models/OwnershipTransfer.ts';
import { acceptTransfer } from '../../../../services/organizations/transfer/accept.ts';
import { endTransfer } from '../../../../services/organizations/transfer/end.ts';
import { findTransfer } from '../../../../services/organizations/transfer/find.ts';
import { startTransfer } from '../../../../services/organizations/transfer/start.ts';
import { typeId } from '../../../ids.ts';
import { instant } from '../../fields.ts';
import { idSchema } from '../../params.ts';
import { route } from '../../route.ts';
import { TRANSFER_EXAMPLE } from './examples.ts';

const PATH = '/organizations/{organization_id}/transfer-ownership';

const TransferIn = z
  .strictObject({ user_id: idSchema('usr').describe('An active member, who is no owner yet.') })
  .meta({ id: 'OwnershipTransferIn' });
const TransferOut = z
  .object({
    status: z.enum(['pending', 'accepted', 'declined', 'cancelled', 'expired']),
    from_user_id: z.string(),
    to_user_id: z.string(),
    created_at: instant(),
    expires_at: instant(),
    finished_at: instant().nullable(),
  })
  .meta({ id: 'OwnershipTransferOut' });

const present = (transfer: OwnershipTransfer): z.input<typeof TransferOut> => ({
  status: transfer.status,
  from_user_id: typeId('usr', transfer.fromUserId),
  to_user_id: typeId('usr', transfer.toUserId),
  created_at: transfer.createdAt.toISOString(),
  expires_at: transfer.expiresAt.toISOString(),
  finished_at: transfer.finishedAt?.toISOString() ?? null,
});

const ended = (status: string) => ({ ...TRANSFER_EXAMPLE, status, finished_at: '2026-11-21T08:00:00.000Z' });

export const ownershipTransferRoutes = [
  route({
    method: 'POST',
    path: PATH,
    operationId: 'organizations.transfer_ownership',
    permission: 'organization.transfer',
    summary: 'Offer the ownership to a member',
    description:
      'Nothing changes until that member accepts, within seven days; then they are an owner, and you are an administrator. For an owner with a session whose last proof is at most ten minutes old.',
    body: TransferIn,
    responses: { 201: TransferOut },
    errors: ['conflict', 'step_up_required'],
    examples: { body: { user_id: TRANSFER_EXAMPLE.to_user_id }, responses: { 201: TRANSFER_EXAMPLE } },
    async handler({ body, inTenant, deps }) {
      const { transfer, mail } = await inTenant((tenant) => startTransfer(tenant, body.user_id));
      deps.mail.wake(mail);
      return { status: 201, body: present(transfer) };
    },
  }),
  route({
    method: 'GET',
    path: PATH,
    operationId: 'organizations.get_ownership_transfer',
    permission: 'organization.read',
    summary: 'Get the newest transfer of ownership',
    description: 'Whatever became of it: `pending` until somebody accepts, cancels or declines it, or its seven days have passed.',
    responses: { 200: TransferOut },
    errors: ['not_found'],
    examples: { responses: { 200: TRANSFER_EXAMPLE } },
    async handler({ inTenant }) {
      return { status: 200, body: present(await inTenant(findTransfer)) };
    },
  }),
  route({
    method: 'POST',
    path: `${PATH}/accept`,
    operationId: 'organizations.accept_ownership',
    permission: 'organization.read',
    summary: 'Accept the ownership that was offered to you',
    description:
      'You become an owner, and who offered it an administrator, in one step. For the member it was offered to, with a session whose last proof is at most ten minutes old; to everybody else there is no such transfer.',
    responses: { 200: TransferOut },
    errors: ['not_found', 'conflict', 'last_owner', 'step_up_required'],
    examples: { responses: { 200: ended('accepted') } },
    async handler({ inTenant }) {
      return { status: 200, body: present(await inTenant(acceptTransfer)) };
    },
  }),
  route({
    method: 'DELETE',
    path: PATH,
    operationId: 'organizations.cancel_ownership_transfer',
    permission: 'organization.read',
    summary: 'Cancel or decline a transfer of ownership',
    description: 'Any owner cancels a pending one; the member it was offered to declines it.',
    responses: { 200: TransferOut },
    errors: ['not_found'],
    examples: { responses: { 200: ended('cancelled') } },
    async handler({ inTenant }) {
      return { status: 200, body: present(await inTenant(endTransfer)) };
    },
  }),
];
