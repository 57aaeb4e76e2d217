import { RecoveryCode } from '../../db/models/RecoveryCode.ts';
import { TotpFactor } from '../../db/models/TotpFactor.ts';
import { WebauthnCredential } from '../../db/models/WebauthnCredential.ts';
import type { PersonContext } from '../auth/personContext.ts';
import { AppError } from '../errors/AppError.ts';

export interface Factors {
  totp: TotpFactor | null;
  credentials: WebauthnCredential[];
  /** Recovery codes that were not used. They are no factor of their own: they go with the last one. */
  recoveryCodesLeft: number;
}

type Person = Pick<PersonContext, 'trx' | 'userId'>;

/** The confirmed factors of a person. */
export async function factorsOf({ trx, userId }: Person): Promise<Factors> {
  const totp = await TotpFactor.query(trx).where({ user_id: userId }).whereNotNull('confirmed_at').first();
  const credentials = await WebauthnCredential.query(trx).where({ user_id: userId }).orderBy('id');
  const recoveryCodesLeft = await RecoveryCode.query(trx).where({ user_id: userId }).whereNull('used_at').resultSize();
  return { totp: totp ?? null, credentials, recoveryCodesLeft };
}

/** Whether a sign-in of this person needs a second factor. */
export const hasFactor = ({ totp, credentials }: Pick<Factors, 'totp' | 'credentials'>): boolean => totp !== null || credentials.length > 0;

/** One of the person's passkeys and security keys (uuid). Throws not_found. */
export async function findCredential({ trx, userId }: Person, id: string): Promise<WebauthnCredential> {
  const credential = await WebauthnCredential.query(trx).findById([userId, id]);
  if (!credential) throw new AppError('not_found');
  return credential;
}

/** Forgets every factor of a person, with the codes and challenges that went with them. */
export async function removeAllFactors({ trx, userId }: Person): Promise<void> {
  for (const table of ['totp_factors', 'webauthn_credentials', 'webauthn_challenges', 'recovery_codes']) {
    await trx(table).where({ user_id: userId }).delete();
  }
}
