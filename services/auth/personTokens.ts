import { PersonToken } from '../../db/models/PersonToken.ts';
import { newId } from '../../server/ids.ts';
import { AppError } from '../errors/AppError.ts';
import type { PersonContext } from './personContext.ts';
import { newSecretToken, readSecretToken } from './secretToken.ts';
import type { SecretTokenKind } from './secretToken.ts';

type Purpose = PersonToken['purpose'];

const HOUR_MS = 3_600_000;
const PURPOSES: Record<Purpose, { kind: SecretTokenKind; lifeMs: number }> = {
  verify_email: { kind: 'vt', lifeMs: 24 * HOUR_MS },
  reset_password: { kind: 'pt', lifeMs: HOUR_MS },
  change_email: { kind: 'ct', lifeMs: 24 * HOUR_MS },
};

interface NewPersonToken {
  purpose: Purpose;
  email: string;
  name?: string | null;
  passwordHash?: string | null;
  /** The session (uuid) that asks for it. */
  sessionId?: string | null;
}

/** Puts on record what a link in a mail will prove; the text is for the mail and nowhere else. */
export async function issuePersonToken(
  { trx, userId, clock }: PersonContext,
  { purpose, email, name = null, passwordHash = null, sessionId = null }: NewPersonToken,
): Promise<{ text: string; expiresAt: Date }> {
  const { kind, lifeMs } = PURPOSES[purpose];
  const { text, digest } = newSecretToken(kind, userId);
  const createdAt = clock.now();
  const expiresAt = new Date(createdAt.getTime() + lifeMs);
  await PersonToken.query(trx).insert({
    userId,
    id: newId(clock),
    purpose,
    digest,
    email,
    name,
    passwordHash,
    sessionId,
    createdAt,
    expiresAt,
  });
  return { text, expiresAt };
}

/** Whose token it says it is, for entering that person's rows. Throws invalid_link. */
export function ownerOfToken(purpose: Purpose, text: string): { userId: string; digest: Buffer } {
  const read = readSecretToken(PURPOSES[purpose].kind, text);
  if (!read) throw new AppError('invalid_link');
  return read;
}

/** Uses a token up, and with it every other one of the same purpose. Of two uses at the same moment one succeeds. Throws invalid_link. */
export async function usePersonToken({ trx, userId, clock }: PersonContext, purpose: Purpose, digest: Buffer): Promise<PersonToken> {
  const now = clock.now();
  const open = () => PersonToken.query(trx).where({ user_id: userId, purpose, used_at: null });
  const token = await open().where({ digest }).where('expires_at', '>', now).forUpdate().first();
  if (!token) throw new AppError('invalid_link');
  await open().patch({ usedAt: now });
  return token;
}

/** Ends what is still open of a purpose: its links open nothing any longer. */
export async function voidPersonTokens({ trx, userId, clock }: PersonContext, purposes: readonly Purpose[]): Promise<void> {
  await PersonToken.query(trx)
    .where({ user_id: userId, used_at: null })
    .whereIn('purpose', [...purposes])
    .patch({ usedAt: clock.now() });
}
