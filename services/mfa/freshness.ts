import type { PersonContext } from '../auth/personContext.ts';
import { AppError } from '../errors/AppError.ts';
import { factorsOf, hasFactor } from './factors.ts';

/** For this long after a proof its session may change what later proofs are made of. */
export const FRESH_MINUTES = 10;

export const STEP_UP_PATH = '/api/v1/auth/mfa/verify';

/**
 * Throws step_up_required unless the person proved who they are in the last ten minutes: with a second factor when there is one,
 * because a password alone must not be enough to add or remove what stands beside it.
 */
export function assertFresh({ authTime, mfaAt }: { authTime: Date; mfaAt: Date | null }, now: Date, withSecondFactor: boolean): void {
  const proven = withSecondFactor ? mfaAt : authTime;
  if (proven !== null && now.getTime() - proven.getTime() <= FRESH_MINUTES * 60_000) return;
  throw new AppError('step_up_required', {
    detail: withSecondFactor
      ? `Prove a second factor first (POST ${STEP_UP_PATH}; who has none sets one up at /api/v1/auth/mfa): the last proof in this session must be at most ${FRESH_MINUTES} minutes old.`
      : `Sign in again first: the last proof in this session must be at most ${FRESH_MINUTES} minutes old.`,
    extensions: { step_up: withSecondFactor ? STEP_UP_PATH : '/api/v1/auth/login', max_age_seconds: FRESH_MINUTES * 60 },
  });
}

/** The same, looking up whether there is a second factor. */
export async function assertFreshPerson(person: PersonContext, session: Parameters<typeof assertFresh>[0]): Promise<void> {
  assertFresh(session, person.clock.now(), hasFactor(await factorsOf(person)));
}
