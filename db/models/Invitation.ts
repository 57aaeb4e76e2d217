import { Row } from './Row.ts';

/** A role that is offered, as it is stored: that of services/access/insertMember.ts. */
export type OfferedRole = ({ role: 'owner' | 'admin' | 'manager' | 'member' | 'viewer' } | { roleId: string }) & {
  workspaceId?: string | null;
};

/** Somebody who is asked to join. */
export class Invitation extends Row {
  static override tableName = 'invitations';
  static override idColumn = ['org_id', 'id'];
  static override jsonAttributes = ['roles'];

  declare orgId: string;
  declare id: string;
  declare email: string;
  /** SHA-256 of the token, which is in the mail only. */
  declare tokenDigest: Buffer;
  declare roles: OfferedRole[];
  /** A pending one that has expired says so when somebody looks: see statusOf. */
  declare status: 'pending' | 'accepted' | 'revoked' | 'expired';
  declare invitedByType: 'user' | 'api_key';
  declare invitedBy: string;
  declare sentAt: Date;
  declare expiresAt: Date;
  declare acceptedAt: Date | null;
  declare acceptedBy: string | null;
  declare createdAt: Date;
  declare updatedAt: Date;
}
