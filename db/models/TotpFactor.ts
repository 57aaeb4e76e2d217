import { Row } from './Row.ts';

/** A secret that an authenticator app shares with us. At most one is confirmed, and one more waits to be. */
export class TotpFactor extends Row {
  static override tableName = 'totp_factors';
  static override idColumn = ['user_id', 'id'];

  declare userId: string;
  declare id: string;
  declare sealedSecret: Buffer;
  /** The newest step (30 s since 1970) whose code was accepted. */
  declare lastStep: number | null;
  declare createdAt: Date;
  declare confirmedAt: Date | null;
}
