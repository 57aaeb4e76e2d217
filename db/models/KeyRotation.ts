import { Row } from './Row.ts';

export type RotationState = 'overlapping' | 'finished' | 'aborted';
export type RotationEnd = 'grace_over' | 'new_key_used' | 'expired' | 'revoked' | 'finished_early' | 'aborted';

export class KeyRotation extends Row {
  static override tableName = 'key_rotations';
  static override idColumn = ['org_id', 'id'];

  declare orgId: string;
  declare id: string;
  declare oldKeyId: string;
  declare newKeyId: string;
  /** Who wanted it: somebody's request, or the organization's policy. */
  declare cause: 'request' | 'policy';
  declare state: RotationState;
  declare graceEndsAt: Date;
  /** Null: the use of the new key ends nothing. */
  declare retireAfterFirstUseMinutes: number | null;
  /** When the old key stops working as things stand; its `retiresAt`. */
  declare endsAt: Date;
  /** Of the new key, as far as the workflow has seen it. */
  declare firstUsedAt: Date | null;
  /** The new key, sealed; null when it was shown, or its time to be picked up is over. */
  declare sealedKey: Buffer | null;
  declare pickedUpAt: Date | null;
  declare createdAt: Date;
  declare updatedAt: Date;
  declare endedAt: Date | null;
  declare endReason: RotationEnd | null;
}
