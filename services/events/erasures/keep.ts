import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { withTenant } from '../../../db/tenancy.ts';
import type { PromisedErasure } from '../../outbox/erasures.ts';
import { settleWakes } from '../../outbox/wakes.ts';
import { startPayloadErasure } from '../lifecycle.ts';

/** Starts the erasure's workflow, if it does not run, and settles the promise. Safe to repeat. */
export async function keepErasure(deps: { knex: Knex; temporal: Client }, { orgId, erasureId, outboxIds }: PromisedErasure): Promise<void> {
  await startPayloadErasure(deps.temporal, { orgId, erasureId });
  if (outboxIds.length > 0) await withTenant(deps.knex, orgId, (trx) => settleWakes(trx, orgId, outboxIds));
}
