import type { KeyStatus } from '../../db/queries/selectApiKeys.ts';

/** The states of a key, in the order in which they are looked for. */
export const KEY_STATUSES = [
  'revoked',
  'disabled',
  'retired',
  'expired',
  'orphaned',
  'blocked',
  'retiring',
  'active',
] as const satisfies readonly KeyStatus[];
