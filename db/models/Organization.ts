import { Row } from './Row.ts';

export class Organization extends Row {
  static override tableName = 'organizations';

  declare id: string;
  declare name: string;
  declare slug: string;
  declare plan: 'free' | 'starter' | 'professional' | 'enterprise';
  declare settings: Record<string, unknown>;
  declare createdAt: Date;
  declare deletedAt: Date | null;
}
