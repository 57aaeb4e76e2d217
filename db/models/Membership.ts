import { Row } from './Row.ts';

export class Membership extends Row {
  static override tableName = 'memberships';

  declare orgId: string;
  declare id: string;
  declare userId: string;
  declare status: 'active' | 'suspended';
  declare createdAt: Date;
  declare updatedAt: Date | null;
}
