import type { Invitation } from '../../db/models/Invitation.ts';

export const INVITATION_STATUSES = ['pending', 'accepted', 'revoked', 'expired'] as const;
export type InvitationStatus = (typeof INVITATION_STATUSES)[number];

/** As it is at `now`: nobody writes into a row that its time is over. */
export const statusOf = ({ status, expiresAt }: Pick<Invitation, 'status' | 'expiresAt'>, now: Date): InvitationStatus =>
  status === 'pending' && expiresAt <= now ? 'expired' : status;
