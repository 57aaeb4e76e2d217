import { Row } from './Row.ts';

/** A passkey or a security key. */
export class WebauthnCredential extends Row {
  static override tableName = 'webauthn_credentials';
  static override idColumn = ['user_id', 'id'];

  declare userId: string;
  declare id: string;
  /** As the authenticator names it, base64url. */
  declare credentialId: string;
  /** COSE. */
  declare publicKey: Buffer;
  /** Of its signatures, as it reports them (unsigned 32 bits); 0 from those that count none. */
  declare counter: number;
  declare transports: string[];
  declare name: string;
  /** Model of the authenticator, all zeros when it does not tell. */
  declare aaguid: string;
  /** Whether it may exist on several devices of the person. */
  declare synced: boolean;
  declare backedUp: boolean;
  declare createdAt: Date;
  declare lastUsedAt: Date | null;
}
