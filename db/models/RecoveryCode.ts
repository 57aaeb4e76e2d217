import { Row } from './Row.ts';

export class RecoveryCode extends Row {
  static override tableName = 'recovery_codes';
  static override idColumn = ['user_id', 'id'];

  declare userId: string;
  declare id: string;
  declare digest: Buffer;
  declare createdAt: Date;
  declare usedAt: Date | null;
}
