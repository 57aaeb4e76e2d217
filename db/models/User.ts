import { Row } from './Row.ts';

export class User extends Row {
  static override tableName = 'users';

  declare id: string;
  declare email: string;
  declare name: string | null;
  declare emailVerifiedAt: Date | null;
  declare createdAt: Date;
  declare updatedAt: Date | null;
  declare deletedAt: Date | null;
}
