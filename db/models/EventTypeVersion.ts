import { Row } from './Row.ts';

export class EventTypeVersion extends Row {
  static override tableName = 'event_types';
  static override jsonAttributes = ['schema'];

  declare orgId: string;
  declare id: string;
  declare name: string;
  declare version: number;
  declare description: string | null;
  /** JSON Schema of the events' data; null: anything goes. */
  declare schema: Record<string, unknown> | null;
  declare createdAt: Date;
}
