import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { withTenant } from '../../db/tenancy.ts';
import type { PromisedRotation } from '../outbox/rotations.ts';
import { settleWakes } from '../outbox/wakes.ts';
import { startSecretRotation } from './lifecycle.ts';

/** Starts the workflow that retires a replaced secret and settles its promise. Safe to repeat. A secret that is gone needs none. */
export async function keepRotation(
  deps: { knex: Knex; temporal: Client },
  { orgId, secretId, outboxIds }: PromisedRotation,
): Promise<void> {
  const replaced = await withTenant(deps.knex, orgId, (trx) =>
    trx('webhook_secrets').where({ org_id: orgId, id: secretId }).first<{ endpoint_id: string } | undefined>('endpoint_id'),
  );
  if (replaced) await startSecretRotation(deps.temporal, { orgId, endpointId: replaced.endpoint_id, secretId });
  if (outboxIds.length > 0) await withTenant(deps.knex, orgId, (trx) => settleWakes(trx, orgId, outboxIds));
}
