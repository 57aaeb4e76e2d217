import { ApplicationFailure } from '@temporalio/common';
import { bestEffort } from '../../services/bestEffort.ts';
import { claimMail } from '../../services/mail/delivery.ts';
import type { WaitingMail } from '../../services/mail/delivery.ts';
import type { ActivityDeps } from '../deps.ts';

/** Often enough that many may fail before the claim runs out; most mails are sent sooner. */
const RENEW_EVERY_MS = 5_000;

/** The claim of a mail. Its holder changes when the session that stands for this process is lost and another one takes its place. */
export interface HeldMail {
  readonly mail: WaitingMail;
  holder: string;
}

/**
 * Claims a mail for as long as `work` takes, also when that is longer than a claim holds: the mail server may be slow, or other mails may be
 * before it. Throws what has Temporal repeat the attempt in a moment, when the mail is somebody else's or this process has lost its presence.
 */
export async function holdMail<T>(deps: ActivityDeps, mail: WaitingMail, work: (held: HeldMail) => Promise<T>): Promise<T> {
  const held = { mail, holder: await claim(deps, mail) };
  const renew = async (): Promise<void> => {
    held.holder = await claim(deps, mail);
  };
  const timer = setInterval(() => void bestEffort(deps.logger, 'the claim of a mail is renewed a moment later', renew()), RENEW_EVERY_MS);
  try {
    return await work(held);
  } finally {
    clearInterval(timer);
  }
}

/** Returns who holds it. Asked again it renews, and takes nothing from whoever came in between. */
async function claim({ presence, systemKnex }: ActivityDeps, mail: WaitingMail): Promise<string> {
  const holder = await presence.id();
  const claimed = await systemKnex.transaction((trx) => claimMail(trx, mail, holder));
  if (claimed === 'absent') presence.leave(holder);
  if (claimed !== 'claimed') throw stillBeingSent();
  return holder;
}

/** Repeated by Temporal, without an entry in the history, until the other attempt is on record or its process is gone. */
export const stillBeingSent = (): ApplicationFailure =>
  ApplicationFailure.create({ type: 'still_being_sent', message: 'An earlier attempt goes on', nextRetryDelay: '2 seconds' });
