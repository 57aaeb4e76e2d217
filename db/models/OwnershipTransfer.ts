import { Row } from './Row.ts';

/** The ownership of an organization, offered by an owner to a member. */
export class OwnershipTransfer extends Row {
  static override tableName = 'ownership_transfers';

  declare orgId: string;
  declare id: string;
  declare fromUserId: string;
  declare toUserId: string;
  declare status: 'pending' | 'accepted' | 'declined' | 'cancelled' | 'expired';
  declare createdAt: Date;
  declare expiresAt: Date;
  declare finishedAt: Date | null;
}
