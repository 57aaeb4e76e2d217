import { Row } from './Row.ts';

export class Event extends Row {
  static override tableName = 'events';

  declare orgId: string;
  declare id: string;
  declare workspaceId: string | null;
  declare type: string;
  declare occurredAt: Date;
  /** The exact text that is signed and posted; null: erased. */
  declare payload: string | null;
  declare payloadErasedAt: Date | null;
  declare channels: string[];
  declare deliveries: number;
  declare createdAt: Date;
}
