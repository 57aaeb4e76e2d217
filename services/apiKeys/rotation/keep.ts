import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { withTenant } from '../../../db/tenancy.ts';
import type { PromisedKeyRotation } from '../../outbox/keyRotations.ts';
import { settleWakes } from '../../outbox/wakes.ts';
import { wakeKeyRotation } from '../lifecycle.ts';

/** Tells the rotation's workflow to look at its row, starts it if there is none, and settles the promise. Safe to repeat. */
export async function keepKeyRotation(
  deps: { knex: Knex; temporal: Client },
  { orgId, rotationId, outboxIds }: PromisedKeyRotation,
): Promise<void> {
  const rotation = await withTenant(deps.knex, orgId, (trx) =>
    trx('key_rotations').where({ org_id: orgId, id: rotationId }).first<{ old_key_id: string } | undefined>('old_key_id'),
  );
  if (rotation) await wakeKeyRotation(deps.temporal, { orgId, keyId: rotation.old_key_id });
  if (outboxIds.length > 0) await withTenant(deps.knex, orgId, (trx) => settleWakes(trx, orgId, outboxIds));
}
