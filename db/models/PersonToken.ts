import { Row } from './Row.ts';

/** What a link in a mail proves: that the mailbox is the person's. */
export class PersonToken extends Row {
  static override tableName = 'person_tokens';
  static override idColumn = ['user_id', 'id'];

  declare userId: string;
  declare id: string;
  declare purpose: 'verify_email' | 'reset_password' | 'change_email';
  declare digest: Buffer;
  /** The address that it was sent to. */
  declare email: string;
  /** Of a registration: what becomes the person's when the link is followed. */
  declare name: string | null;
  declare passwordHash: string | null;
  /** Of a change of address: the session that asked for it, which outlives the change. */
  declare sessionId: string | null;
  declare createdAt: Date;
  declare expiresAt: Date;
  declare usedAt: Date | null;
}
