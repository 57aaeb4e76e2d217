import type { Clock } from '../../server/clock.ts';
import type { Vault } from '../crypto/vault.ts';
import { AppError } from '../errors/AppError.ts';

/** A sign-in that still lacks its second factor. Ids are database uuids. */
export interface PendingLogin {
  userId: string;
  /** What was proven so far (RFC 8176). */
  amr: readonly string[];
  authTime: Date;
  /** Of the password that was given: another one since then, and the sign-in is void. null: it was not by password. */
  passwordChangedAt: Date | null;
  /** The organization that the person asked to enter. */
  orgId: string | null;
}

interface Sealed {
  user: string;
  amr: string[];
  at: number;
  password: number | null;
  org: string | null;
}

export const PENDING_LOGIN_SECONDS = 300;
const PREFIX = 'mt_';
const CONTEXT = 'pending_login';

/**
 * The `mfa_token`: what was proven, sealed by the master vault, so that a first factor alone leaves no row and opens nothing. It is worth
 * something only together with a second factor.
 */
export function sealPendingLogin(vault: Vault, { userId, amr, authTime, passwordChangedAt, orgId }: PendingLogin): string {
  const sealed: Sealed = {
    user: userId,
    amr: [...amr],
    at: authTime.getTime(),
    password: passwordChangedAt?.getTime() ?? null,
    org: orgId,
  };
  return PREFIX + vault.seal(JSON.stringify(sealed), CONTEXT).toString('base64url');
}

/** What a token of sealPendingLogin says. Throws invalid_mfa_token when it is none, or older than five minutes. */
export function openPendingLogin({ vault, clock }: { vault: Vault; clock: Clock }, text: string): PendingLogin {
  const { user, amr, at, password, org } = read(vault, text);
  if (at + PENDING_LOGIN_SECONDS * 1_000 <= clock.now().getTime()) throw new AppError('invalid_mfa_token');
  return { userId: user, amr, authTime: new Date(at), passwordChangedAt: password === null ? null : new Date(password), orgId: org };
}

function read(vault: Vault, text: string): Sealed {
  if (!text.startsWith(PREFIX)) throw new AppError('invalid_mfa_token');
  try {
    return JSON.parse(vault.open(Buffer.from(text.slice(PREFIX.length), 'base64url'), CONTEXT).toString('utf8')) as Sealed;
  } catch {
    // Whatever it is, the vault did not seal it for this.
    throw new AppError('invalid_mfa_token');
  }
}
