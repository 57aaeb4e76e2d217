import { Row } from './Row.ts';

/** A role that an organization made for itself; the built-in ones are in `services/access/builtInRoles.ts`. */
export class Role extends Row {
  static override tableName = 'roles';

  declare orgId: string;
  declare id: string;
  declare name: string;
  declare description: string | null;
  declare permissions: string[];
  declare createdAt: Date;
  declare updatedAt: Date;
}
