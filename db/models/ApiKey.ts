import { Row } from './Row.ts';

export class ApiKey extends Row {
  static override tableName = 'api_keys';

  declare orgId: string;
  declare id: string;
  declare workspaceId: string | null;
  declare keyId: string;
  declare digest: Buffer;
  declare hashVersion: number;
  declare name: string;
  declare env: 'live' | 'test';
  declare ownerType: 'organization' | 'user';
  declare ownerUserId: string | null;
  declare scopes: string[];
  declare prefix: string;
  declare last4: string;
  /** Null: the plan's; 0: no limit. */
  declare rateLimitPerHour: number | null;
  declare allowedIps: string[];
  declare expiresAt: Date | null;
  declare revokedAt: Date | null;
  declare createdAt: Date;
  declare createdBy: string | null;
  /** Id of the first key of those that succeeded each other: they share a limit and its counts. */
  declare familyId: string;
  declare predecessorId: string | null;
  declare rotatedAt: Date | null;
  /** End of its grace: it was rotated, and works until then. */
  declare retiresAt: Date | null;
  declare disabledAt: Date | null;
  declare disabledReason: 'manual' | 'leaked' | null;
  /** When it was last reported as leaked and its owners were told. */
  declare leakedAt: Date | null;
  declare firstUsedAt: Date | null;
  declare lastUsedAt: Date | null;
  declare lastUsedIp: string | null;
  declare updatedAt: Date | null;
}
