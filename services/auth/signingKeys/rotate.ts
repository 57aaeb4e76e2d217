import type { Transaction } from 'objection';
import type { Clock } from '../../../server/clock.ts';
import type { Vault } from '../../crypto/vault.ts';
import { newSigningKey } from './signingKey.ts';
import type { SigningKeyRow } from './signingKey.ts';

interface Rotation {
  leadSeconds: number;
  overlapSeconds: number;
  since: Date;
}

interface PublishedKey {
  kid: string;
  activatesAt: Date;
  retiresAt: Date;
}

const LOCK = 'signing_keys.rotation';

/**
 * Puts a new key on record, published from now on, and tells the others when they end. A repeat finds the key of the first try, because it was
 * made after `since`. Runs as `artisan_system`.
 */
export async function publishSigningKey(
  trx: Transaction,
  { vault, clock }: { vault: Vault; clock: Clock },
  { leadSeconds, overlapSeconds, since }: Rotation,
): Promise<PublishedKey> {
  await trx.raw('SELECT pg_advisory_xact_lock(hashtext(?))', [LOCK]);
  const own = await trx<SigningKeyRow>('signing_keys').where('created_at', '>=', since).orderBy('activates_at', 'desc').first();
  const key = own ?? (await insertKey(trx, await newSigningKey(vault, after(clock.now(), leadSeconds)), clock.now()));
  const retiresAt = after(key.activates_at, overlapSeconds);
  await endOthers(trx, key, retiresAt);
  return { kid: key.kid, activatesAt: key.activates_at, retiresAt };
}

/** None ends later than this rotation says: of a key that leaked, an earlier rotation's promise counts for nothing. What never signed goes at once. */
async function endOthers(trx: Transaction, { kid, activates_at: activatesAt }: SigningKeyRow, retiresAt: Date): Promise<void> {
  const others = () => trx('signing_keys').whereNot({ kid });
  await others().where('activates_at', '>', activatesAt).delete();
  await others()
    .where((query) => query.whereNull('retires_at').orWhere('retires_at', '>', retiresAt))
    .update({ retires_at: retiresAt });
}

/** Removes keys whose time is over, with their private parts; returns their ids. Runs as `artisan_system`. */
export async function removeRetiredKeys(trx: Transaction, now: Date): Promise<string[]> {
  const removed = await trx('signing_keys').where('retires_at', '<=', now).delete().returning<{ kid: string }[]>('kid');
  return removed.map(({ kid }) => kid);
}

async function insertKey(trx: Transaction, row: SigningKeyRow, now: Date): Promise<SigningKeyRow> {
  await trx('signing_keys').insert({ ...row, created_at: now });
  return row;
}

const after = (time: Date, seconds: number): Date => new Date(time.getTime() + seconds * 1_000);
