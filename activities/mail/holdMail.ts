import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { bestEffort } from '../../services/bestEffort.ts';
import { claimMail } from '../../services/mail/delivery.ts';
import type { WaitingMail } from '../../services/mail/delivery.ts';
import type { ActivityDeps } from '../deps.ts';

/** Often enough that many may fail before the claim runs out; most mails are sent sooner. */
const RENEW_EVERY_MS = 5_000;
/**
 * For everything up to the mail server's answer, the wait for a connection to it included. Recording takes up to half a minute more when
 * Postgres is away: together less than the 90 s that Temporal gives the activity (workflows/mailDelivery).
 */
const ATTEMPT_MS = 55_000;

/** A mail and who holds it: the session that stands for this process, which changes when that is lost and another one takes its place. */
export interface HeldMail {
  readonly mail: WaitingMail;
  readonly holder: string;
}

/**
 * Claims a mail and renews that for as long as `work` takes, at most `attemptMs`: the mail server may be slow, or other mails may be before it.
 * Then `work`'s signal aborts, upon which it must end. Returns what it came to, and the holder to record it as: nothing renews any more, and
 * the claim goes on for longer than recording takes. Throws what has Temporal repeat the attempt in a moment, when the mail is somebody
 * else's or this process has lost its presence.
 */
export async function holdMail<T>(
  deps: Pick<ActivityDeps, 'presence' | 'systemKnex' | 'logger'>,
  mail: WaitingMail,
  work: (signal: AbortSignal) => Promise<T>,
  { renewEveryMs = RENEW_EVERY_MS, attemptMs = ATTEMPT_MS } = {},
): Promise<{ held: HeldMail; result: T }> {
  let holder = await claim(deps, mail);
  const renew = async (): Promise<void> => {
    holder = await claim(deps, mail);
  };
  const late = AbortSignal.timeout(attemptMs);
  const ended = new AbortController();
  const renewals = repeat(renewEveryMs, AbortSignal.any([late, ended.signal]), () =>
    bestEffort(deps.logger, 'the claim of a mail is renewed a moment later', renew()),
  );
  const result = await work(late).finally(() => {
    ended.abort();
    // One that is under way may yet change the holder.
    return renewals;
  });
  return { held: { mail, holder }, result };
}

/** One after the other, so that none overtakes the one before it. Resolves when `signal` has aborted and the last one has ended. */
async function repeat(everyMs: number, signal: AbortSignal, step: () => Promise<void>): Promise<void> {
  for (;;) {
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await step();
  }
}

/** Returns who holds it. Asked again it renews, and takes nothing from whoever came in between. */
async function claim({ presence, systemKnex }: Pick<ActivityDeps, 'presence' | 'systemKnex'>, mail: WaitingMail): Promise<string> {
  const holder = await presence.id();
  const claimed = await systemKnex.transaction((trx) => claimMail(trx, mail, holder));
  if (claimed === 'absent') presence.leave(holder);
  if (claimed !== 'claimed') throw stillBeingSent();
  return holder;
}

/** Repeated by Temporal, without an entry in the history, until the other attempt is on record or its process is gone. */
export const stillBeingSent = (): ApplicationFailure =>
  ApplicationFailure.create({ type: 'still_being_sent', message: 'An earlier attempt goes on', nextRetryDelay: '2 seconds' });
