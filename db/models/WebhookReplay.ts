import { Row } from './Row.ts';

export class WebhookReplay extends Row {
  static override tableName = 'webhook_replays';

  declare orgId: string;
  declare id: string;
  declare endpointId: string;
  declare status: 'running' | 'paused' | 'completed' | 'cancelled';
  /** Why the platform paused or cancelled it; null when a person did. */
  declare reason: 'endpoint_deleted' | 'endpoint_disabled' | null;
  declare since: Date | null;
  /** Never later than the start: what is made or finished by the replay itself does not match. */
  declare until: Date;
  /** Null: every type. */
  declare eventTypes: string[] | null;
  /** Empty when it is about what is missing. */
  declare statuses: string[];
  /** Events that the endpoint has no delivery of, instead of deliveries. */
  declare missing: boolean;
  declare perSecond: number;
  /** Deliveries, or missing events, that matched at the start. */
  declare matching: number;
  declare replayed: number;
  /** The last delivery, or event, that was looked at; they are taken in the order of their ids. */
  declare position: string | null;
  declare nextBatchAt: Date;
  declare createdAt: Date;
  declare updatedAt: Date;
  declare finishedAt: Date | null;
}
