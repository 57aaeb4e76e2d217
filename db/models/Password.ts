import { Row } from './Row.ts';

export class Password extends Row {
  static override tableName = 'passwords';
  static override idColumn = 'user_id';

  declare userId: string;
  /** argon2id, PHC format. */
  declare hash: string;
  declare changedAt: Date;
}
