import { Row } from './Row.ts';

export class Workspace extends Row {
  static override tableName = 'workspaces';

  declare orgId: string;
  declare id: string;
  declare name: string;
  declare createdAt: Date;
  declare deletedAt: Date | null;
}
