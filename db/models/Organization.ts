import { Row } from './Row.ts';

export class Organization extends Row {
  static override tableName = 'organizations';

  declare id: string;
  declare name: string;
  declare slug: string;
  declare plan: 'free' | 'starter' | 'professional' | 'enterprise';
  /** Read it through `services/organizations/settings.ts`. */
  declare settings: Record<string, unknown>;
  /** What its own agreement changes of the plan: `services/limits/limits.ts`. */
  declare limitOverrides: Record<string, unknown>;
  declare foundedBy: string | null;
  declare createdAt: Date;
  declare updatedAt: Date | null;
  /** When deletion was asked for. */
  declare deletedAt: Date | null;
  /** Until when it can be taken back. */
  declare deletionDueAt: Date | null;
  /** When the workflow of the deletion looks next. */
  declare deletionNextAt: Date | null;
  /** How many times its owners were told. */
  declare deletionWarnings: number;
  declare erasureStartedAt: Date | null;
  declare erasedAt: Date | null;
}
