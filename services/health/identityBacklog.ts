import type { Transaction } from 'objection';

/** What of identity and keys waits, or should have ended. Seconds are 0 when there is nothing. */
export interface IdentityBacklog {
  /** Since the oldest mail was put on record that is neither sent nor given up. */
  oldestMailSeconds: number;
  /** Mails that wait, counted up to 10,000. */
  mailsWaiting: number;
  /** Since the first API key was to be retired of those that are not. */
  keyRotationOverdueSeconds: number;
  /** Since the last progress of the rotation of encryption keys that made none for the longest time. */
  encryptionRotationIdleSeconds: number;
  /** Since the next step was due of the organization's deletion that is latest. */
  deletionOverdueSeconds: number;
  /** Since the record of the verified domain was to be looked for that is latest. */
  domainCheckOverdueSeconds: number;
  /** Since the newest key began to sign access tokens; it is replaced every 30 days. */
  signingKeyAgeSeconds: number;
  /** Accounts, existing or not, at which nobody may guess now; of 10,000 locks at most. */
  accountsLocked: number;
  /** Networks with too many failures in the last hour; of 10,000 locks at most. */
  networksLocked: number;
}

const AT_MOST = 10_000;

const since = (oldest: string): string => `greatest(0, coalesce(extract(epoch FROM now() - (${oldest})), 0))::float`;
const upTo = (rows: string): string => `(SELECT count(*) FROM (${rows} LIMIT ${AT_MOST}) AS counted)::int`;
// By the name of the count, which is the beginning of its subject (services/auth/throttle.ts).
const lockedBy = (...names: string[]): string =>
  `count(*) FILTER (WHERE ${names.map((name) => `starts_with(subject, '${name}:')`).join(' OR ')})::int`;

/** Each reads the end of a partial index, or a bounded number of rows: also while a million accounts are attacked. */
export const IDENTITY_BACKLOG = `SELECT
  ${since('SELECT min(created_at) FROM mails WHERE finished_at IS NULL')} AS "oldestMailSeconds",
  ${upTo('SELECT FROM mails WHERE finished_at IS NULL')} AS "mailsWaiting",
  ${since("SELECT min(ends_at) FROM key_rotations WHERE state = 'overlapping'")} AS "keyRotationOverdueSeconds",
  ${since('SELECT min(greatest(updated_at, next_step_at)) FROM encryption_key_rotations WHERE finished_at IS NULL')} AS "encryptionRotationIdleSeconds",
  ${since('SELECT min(deletion_next_at) FROM organizations')} AS "deletionOverdueSeconds",
  ${since("SELECT min(next_check_at) FROM domains WHERE status = 'verified'")} AS "domainCheckOverdueSeconds",
  ${since('SELECT max(activates_at) FROM signing_keys')} AS "signingKeyAgeSeconds",
  locked.accounts AS "accountsLocked", locked.networks AS "networksLocked"
  FROM (SELECT ${lockedBy('password', 'second_factor')} AS accounts, ${lockedBy('address')} AS networks
          FROM (SELECT subject FROM auth_throttles WHERE locked_until > now() LIMIT ${AT_MOST}) AS counted) AS locked`;

/** Over all organizations; runs as `artisan_system`. */
export async function measureIdentityBacklog(trx: Transaction): Promise<IdentityBacklog> {
  const { rows } = await trx.raw<{ rows: [IdentityBacklog] }>(IDENTITY_BACKLOG);
  return rows[0];
}
