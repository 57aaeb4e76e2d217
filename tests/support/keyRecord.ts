import type { KeyRecord } from '../../services/apiKeys/keyRecord.ts';

/** A key of an organization that nothing limits, but for what a test changes. */
export const keyRecord = (changes: Partial<KeyRecord> = {}): KeyRecord => ({
  id: '01980a4e-7c00-7000-8000-000000000001',
  keyId: 'A'.repeat(16),
  orgId: '01980a4e-7c00-7000-8000-000000000002',
  familyId: '01980a4e-7c00-7000-8000-000000000001',
  workspaceId: null,
  name: 'Key',
  digest: Buffer.alloc(32, 1),
  permissions: new Set(),
  plan: 'free',
  rateLimitPerHour: null,
  organizationDeleted: false,
  apiEnabled: true,
  ownerUserId: null,
  ownerActive: true,
  allowedFrom: [],
  lifetimeEndsAt: null,
  expiresAt: null,
  rotatedAt: null,
  retiresAt: null,
  disabledAt: null,
  revokedAt: null,
  ...changes,
});
