import { Row } from './Row.ts';

/** Append-only, and cut by month of `id`: read them with db/queries/listAttempts.ts, which leaves the months before the delivery out. */
export class DeliveryAttempt extends Row {
  static override tableName = 'delivery_attempts';
  static override idColumn = ['org_id', 'delivery_id', 'id'];

  declare orgId: string;
  declare id: string;
  declare deliveryId: string;
  declare endpointId: string;
  declare eventId: string;
  declare number: number;
  declare startedAt: Date;
  declare durationMs: number;
  declare statusCode: number | null;
  declare errorCode: string | null;
  declare responseExcerpt: string | null;
  declare replay: boolean;
}
