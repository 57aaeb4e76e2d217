import type { Transaction } from 'objection';
import type { Clock } from '../../server/clock.ts';
import { newId } from '../../server/ids.ts';
import { AppError } from '../errors/AppError.ts';

/** A request of a person that carries an Idempotency-Key and belongs to no organization. */
export interface PersonClaim {
  /** Operation id. */
  route: string;
  key: string;
  /** HMAC-SHA-256 over what makes the request the same one. */
  fingerprint: Buffer;
}

/** A transaction that has entered the person's rows (uuid) and holds the lock of the person, so that two such requests come one after the other. */
interface Person {
  trx: Transaction;
  userId: string;
  clock: Clock;
}

const KEEP_MS = 24 * 3_600_000;

/** What the same request made within the last day (uuid), or null. Throws idempotency_mismatch when the key belongs to another one. */
export async function madeBefore({ trx, userId, clock }: Person, { route, key, fingerprint }: PersonClaim): Promise<string | null> {
  const row = await trx('person_requests')
    .where({ user_id: userId, route, key })
    .where('expires_at', '>', clock.now())
    .first<{ fingerprint: Buffer; made_id: string } | undefined>('fingerprint', 'made_id');
  if (!row) return null;
  if (row.fingerprint.equals(fingerprint)) return row.made_id;
  throw new AppError('idempotency_mismatch', {
    detail: 'This Idempotency-Key was used with another body in the last 24 hours. Use a new key for a new request.',
  });
}

/** Notes what the request made, in the transaction that makes it: both are there, or neither. */
export async function rememberMade({ trx, userId, clock }: Person, claim: PersonClaim, madeId: string): Promise<void> {
  const now = clock.now();
  const { route, key, fingerprint } = claim;
  const kept = { fingerprint, made_id: madeId, created_at: now, expires_at: new Date(now.getTime() + KEEP_MS) };
  await trx('person_requests')
    .insert({ user_id: userId, id: newId(clock), route, key, ...kept })
    .onConflict(['user_id', 'route', 'key'])
    .merge(kept);
}
