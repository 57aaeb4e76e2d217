import { Row } from './Row.ts';

/** A number that an authenticator is to sign, once. */
export class WebauthnChallenge extends Row {
  static override tableName = 'webauthn_challenges';
  static override idColumn = ['user_id', 'id'];

  declare userId: string;
  declare id: string;
  /** 32 random bytes, base64url. */
  declare challenge: string;
  declare purpose: 'register' | 'authenticate';
  /** The session or the pending login that asked for it. */
  declare boundTo: string;
  declare expiresAt: Date;
}
