import { createHmac } from 'node:crypto';
import type { Knex } from 'knex';
import { toAppError } from '../../db/errors.ts';
import type { Clock } from '../../server/clock.ts';
import type { Logger } from '../../server/logger.ts';
import { bestEffort } from '../bestEffort.ts';
import { AppError } from '../errors/AppError.ts';
import type { DerivedKeys } from '../crypto/derivedKeys.ts';

interface Policy {
  /** Attempts before the first lock. */
  free: number;
  windowSeconds: number;
  /** The first lock; each further attempt doubles it, up to `mostSeconds`. Absent: locked until the window ends. */
  backOff?: { firstSeconds: number; mostSeconds: number };
}

const HOUR = 3_600;

/** What is counted, and how. Accounts count whether they exist or not. */
const POLICIES = {
  /** Guesses at one account's password: 5, then one after 30 s, 60 s, … an hour. */
  password: { free: 5, windowSeconds: 24 * HOUR, backOff: { firstSeconds: 30, mostSeconds: HOUR } },
  /** Guesses at a person's second factor. */
  second_factor: { free: 5, windowSeconds: 24 * HOUR, backOff: { firstSeconds: 30, mostSeconds: HOUR } },
  /** Challenges for passkeys that one person asks for. */
  challenges: { free: 60, windowSeconds: HOUR },
  /** Failures of one address, at whatever public operation. */
  address: { free: 100, windowSeconds: HOUR },
  /** Changes of address that one person asks for. */
  email_changes: { free: 5, windowSeconds: 24 * HOUR },
  /** Mails that strangers can have sent to one mailbox. */
  mailbox: { free: 5, windowSeconds: HOUR },
  /** Accounts and mails that one address can ask for. */
  requests: { free: 60, windowSeconds: HOUR },
} as const satisfies Record<string, Policy>;

export type ThrottleName = keyof typeof POLICIES;

/** Slows guessing down. Counts in Postgres for all processes; where it cannot count, nobody may try. */
export interface Throttle {
  /**
   * Counts an attempt before it is made, so that parallel ones cannot overtake the lock. `begins`: if it fails, the next ones have to wait, and those
   * before had not. Throws too_many_attempts, service_unavailable.
   */
  take(name: ThrottleName, subject: string): Promise<{ begins: boolean }>;
  /** The same, as an answer: false when it may not be made. Throws service_unavailable. */
  allows(name: ThrottleName, subject: string): Promise<boolean>;
  /** The attempt was no guess: it is not counted. Never throws: what cannot be given back stays counted. */
  giveBack(name: ThrottleName, subject: string): Promise<void>;
  /** Whoever it is has proven who they are: the count begins anew. Never throws, as giveBack. */
  reset(name: ThrottleName, subject: string): Promise<void>;
}

interface ThrottleDeps {
  knex: Knex;
  derivedKeys: DerivedKeys;
  clock: Clock;
  logger: Logger;
}

export function createThrottle({ knex, derivedKeys, clock, logger }: ThrottleDeps): Throttle {
  const rowOf = async (name: ThrottleName, subject: string): Promise<string> => {
    await derivedKeys.load();
    return `${name}:${createHmac('sha256', derivedKeys.of('auth_throttle')).update(`${name}:${subject}`).digest('base64url')}`;
  };
  const attempt = async (name: ThrottleName, subject: string): Promise<Counted> =>
    mapped(count(knex, await rowOf(name, subject), POLICIES[name], clock.now()));
  const forgive = (work: Promise<unknown>): Promise<void> => bestEffort(logger, 'an attempt stays counted until its window ends', work);
  return {
    async take(name, subject) {
      const counted = await attempt(name, subject);
      if ('lockedUntil' in counted) throw tooMany(name, counted.lockedUntil, clock.now());
      return { begins: counted.count === POLICIES[name].free };
    },
    allows: async (name, subject) => !('lockedUntil' in (await attempt(name, subject))),
    giveBack: (name, subject) => forgive(rowOf(name, subject).then((row) => knex.raw(GIVE_BACK, { row, free: POLICIES[name].free }))),
    reset: (name, subject) => forgive(rowOf(name, subject).then((row) => knex('auth_throttles').where({ subject: row }).delete())),
  };
}

/** How many attempts there are with this one, or until when none may be made. */
type Counted = { count: number } | { lockedUntil: Date };

async function count(knex: Knex, row: string, policy: Policy, now: Date): Promise<Counted> {
  const { free, windowSeconds, backOff } = policy;
  const values = { row, now, free, window: windowSeconds, first: backOff?.firstSeconds ?? null, most: backOff?.mostSeconds ?? null };
  const { rows } = await knex.raw<{ rows: { count: number }[] }>(TAKE, values);
  if (rows[0]) return rows[0];
  const locked = await knex('auth_throttles').where({ subject: row }).first<{ locked_until: Date | null } | undefined>('locked_until');
  return { lockedUntil: locked?.locked_until ?? now };
}

// A window with back-off slides with each attempt; one without ends when it was said to.
const TAKE = `
INSERT INTO auth_throttles AS t (subject, count, window_ends_at)
VALUES (:row, 1, :now::timestamptz + :window * interval '1 second')
ON CONFLICT (subject) DO UPDATE SET
  count = CASE WHEN t.window_ends_at <= :now THEN 1 ELSE t.count + 1 END,
  window_ends_at = CASE WHEN t.window_ends_at <= :now OR :first::int IS NOT NULL THEN excluded.window_ends_at ELSE t.window_ends_at END,
  locked_until = CASE
    WHEN t.window_ends_at <= :now OR t.count + 1 < :free THEN NULL
    WHEN :first::int IS NULL THEN t.window_ends_at
    ELSE :now::timestamptz + least(:most::int, :first::int * 2 ^ least(t.count + 1 - :free, 20)) * interval '1 second' END
WHERE t.locked_until IS NULL OR t.locked_until <= :now
RETURNING count`;

const GIVE_BACK = `
UPDATE auth_throttles SET count = greatest(count - 1, 0), locked_until = CASE WHEN count - 1 >= :free THEN locked_until END
WHERE subject = :row`;

function tooMany(throttle: ThrottleName, lockedUntil: Date, now: Date): AppError {
  const retryAfterSeconds = Math.max(1, Math.ceil((lockedUntil.getTime() - now.getTime()) / 1_000));
  return new AppError('too_many_attempts', {
    detail: `Too many attempts. The next one is possible in ${retryAfterSeconds} s.`,
    retryAfterSeconds,
    internal: { throttle },
  });
}

/** Whatever keeps an attempt from being counted keeps it from being made. */
async function mapped<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const mappedError = toAppError(error);
    throw mappedError instanceof AppError ? mappedError : new AppError('service_unavailable', { cause: error, retryAfterSeconds: 5 });
  }
}
