import { Row } from './Row.ts';

/** One link of the chain that keeps a session going: using it makes its successor. */
export class RefreshToken extends Row {
  static override tableName = 'refresh_tokens';
  static override idColumn = ['user_id', 'id'];

  declare userId: string;
  declare id: string;
  declare sessionId: string;
  declare digest: Buffer;
  declare createdAt: Date;
  /** End of inactivity, or of the session. */
  declare expiresAt: Date;
  declare usedAt: Date | null;
  declare successorId: string | null;
  declare sealedSuccessor: Buffer | null;
}
