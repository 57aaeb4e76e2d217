import { Row } from './Row.ts';

export class PayloadErasure extends Row {
  static override tableName = 'payload_erasures';
  static override idColumn = ['org_id', 'id'];

  declare orgId: string;
  declare id: string;
  /** Only events of this workspace; null: of all. */
  declare workspaceId: string | null;
  /** Where the data names the subject: `data.lead_id`, or keys as JSON: `["data","lead.id"]`. */
  declare path: string;
  /** JSON of what stands there, sealed; null when the erasure is finished. */
  declare sealedValue: Buffer | null;
  /** The last event that was looked at; they are taken in the order of their ids. */
  declare position: string | null;
  declare examined: number;
  declare erased: number;
  declare createdAt: Date;
  declare updatedAt: Date;
  declare finishedAt: Date | null;
}
