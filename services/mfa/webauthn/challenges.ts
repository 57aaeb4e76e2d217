import { randomBytes } from 'node:crypto';
import { WebauthnChallenge } from '../../../db/models/WebauthnChallenge.ts';
import { newId } from '../../../server/ids.ts';
import type { PersonContext } from '../../auth/personContext.ts';

type Purpose = WebauthnChallenge['purpose'];

const CHALLENGE_BYTES = 32;
/** How long a person has to find the key and touch it. */
export const CHALLENGE_SECONDS = 300;
/** Challenges of a person that wait: somebody who asks again and again pushes out the own ones. */
const MOST_WAITING = 10;

/** A new challenge, base64url, that only `boundTo` can answer, for one purpose and five minutes. */
export async function newChallenge({ trx, userId, clock }: PersonContext, purpose: Purpose, boundTo: string): Promise<string> {
  const now = clock.now();
  const challenge = randomBytes(CHALLENGE_BYTES).toString('base64url');
  await WebauthnChallenge.query(trx).where({ user_id: userId }).where('expires_at', '<=', now).delete();
  const newest = WebauthnChallenge.query(trx)
    .where({ user_id: userId })
    .orderBy('id', 'desc')
    .limit(MOST_WAITING - 1)
    .select('id');
  await WebauthnChallenge.query(trx).where({ user_id: userId }).whereNotIn('id', newest).delete();
  const expiresAt = new Date(now.getTime() + CHALLENGE_SECONDS * 1_000);
  await WebauthnChallenge.query(trx).insert({ userId, id: newId(clock), challenge, purpose, boundTo, expiresAt });
  return challenge;
}

/** Uses up a challenge, whatever becomes of the answer. False when it was never given for this, was used, or is too old. */
export async function useUpChallenge(
  { trx, userId, clock }: PersonContext,
  { challenge, purpose, boundTo }: { challenge: string; purpose: Purpose; boundTo: string },
): Promise<boolean> {
  const used = await WebauthnChallenge.query(trx)
    .where({ user_id: userId, challenge, purpose, bound_to: boundTo })
    .where('expires_at', '>', clock.now())
    .delete();
  return used === 1;
}
