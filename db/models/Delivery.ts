import { Row } from './Row.ts';

export class Delivery extends Row {
  static override tableName = 'deliveries';

  declare orgId: string;
  declare id: string;
  declare eventId: string;
  declare eventType: string;
  declare endpointId: string;
  declare status: 'pending' | 'in_flight' | 'retrying' | 'delivered' | 'dead' | 'cancelled';
  declare attempts: number;
  declare failures: number;
  /** Null when finished. */
  declare nextAttemptAt: Date | null;
  declare claimedUntil: Date | null;
  declare claimId: string | null;
  declare lastStatusCode: number | null;
  declare lastErrorCode: string | null;
  declare createdAt: Date;
  declare deliveredAt: Date | null;
  declare replay: boolean;
}
