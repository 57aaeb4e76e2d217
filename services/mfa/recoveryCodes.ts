import { createHmac, randomInt } from 'node:crypto';
import { RecoveryCode } from '../../db/models/RecoveryCode.ts';
import { newId } from '../../server/ids.ts';
import type { PersonContext } from '../auth/personContext.ts';
import type { FactorProof } from './factorProof.ts';

const CODES = 10;
const GROUPS = 4;
const GROUP_LENGTH = 4;
/** Crockford's base32: no letter that looks like a digit, and none that makes a word of it. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Replaces all recovery codes of a person by ten new ones, which are shown here and never again. */
export async function issueRecoveryCodes({ trx, userId, clock }: PersonContext, pepper: string): Promise<string[]> {
  await RecoveryCode.query(trx).where({ user_id: userId }).delete();
  const codes = Array.from({ length: CODES }, newCode);
  for (const code of codes) {
    await RecoveryCode.query(trx).insert({ userId, id: newId(clock), digest: digestOf(pepper, userId, code), createdAt: clock.now() });
  }
  return codes;
}

/** Uses up a recovery code; null when it is none of this person's, or was used. The guarded update lets one of two at the same moment through. */
export async function redeemRecoveryCode({ trx, userId, clock }: PersonContext, pepper: string, code: string): Promise<FactorProof | null> {
  const digest = digestOf(pepper, userId, code);
  const used = await RecoveryCode.query(trx).where({ user_id: userId, digest }).whereNull('used_at').patch({ usedAt: clock.now() });
  return used === 1 ? { factor: 'recovery_code', amr: ['recovery_code'] } : null;
}

/** 80 random bits, `k3v9-0x2m-7hqd-sw4f`: too many to guess, so a fast digest is enough. */
const newCode = (): string => Array.from({ length: GROUPS }, () => letters(GROUP_LENGTH)).join('-');

const letters = (length: number): string => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** As people copy it: case, spaces and dashes do not count, and o, i and l are the digits that they look like. */
const normal = (code: string): string => code.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');

const digestOf = (pepper: string, userId: string, code: string): Buffer =>
  createHmac('sha256', pepper)
    .update(`recovery_code:${userId}:${normal(code)}`)
    .digest();
