import { Row } from './Row.ts';

export type GrantSource = 'founder' | 'manual' | 'invite' | 'domain' | 'transfer' | 'scim' | 'sso';

/** One role that a member holds: built-in (`role`) or the organization's own (`roleId`), everywhere or in one workspace. */
export class MembershipRole extends Row {
  static override tableName = 'membership_roles';

  declare orgId: string;
  declare id: string;
  declare membershipId: string;
  declare role: 'owner' | 'admin' | 'manager' | 'member' | 'viewer' | null;
  declare roleId: string | null;
  declare workspaceId: string | null;
  /** Who gave it; whoever takes it back takes back its own only. */
  declare source: GrantSource;
  declare sourceRef: string | null;
  declare grantedBy: string | null;
  declare createdAt: Date;
}
