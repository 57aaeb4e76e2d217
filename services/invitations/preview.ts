import type { Knex } from 'knex';
import { findInvitation } from '../../db/queries/findInvitation.ts';
import type { Clock } from '../../server/clock.ts';
import { toAppError } from '../../db/errors.ts';
import { AppError } from '../errors/AppError.ts';
import { readInvitationToken } from './token.ts';

export interface InvitationPreview {
  organizationName: string;
  /** null: an API key invited, or somebody without a name. */
  inviterName: string | null;
  /** Enough for who owns it to know which of their addresses it is. */
  email: string;
  expiresAt: Date;
}

/** What the holder of a token may know before signing in. Throws not_found for any token that opens nothing (any more). */
export async function previewInvitation({ knex, clock }: { knex: Knex; clock: Clock }, token: string): Promise<InvitationPreview> {
  const digest = readInvitationToken(token);
  const found = digest && (await findInvitation(knex, digest).catch((error: unknown) => Promise.reject(toAppError(error))));
  if (!found || found.status !== 'pending' || found.expires_at <= clock.now()) throw new AppError('not_found');
  return { organizationName: found.org_name, inviterName: found.inviter_name, email: masked(found.email), expiresAt: found.expires_at };
}

/** `a…@acme.example` */
const masked = (email: string): string => `${String.fromCodePoint(email.codePointAt(0)!)}…${email.slice(email.lastIndexOf('@'))}`;
