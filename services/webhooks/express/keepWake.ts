import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { withTenant } from '../../../db/tenancy.ts';
import { settleWakes } from '../../outbox/wakes.ts';
import type { PromisedWake } from '../../outbox/wakes.ts';
import { wakeEndpoint } from '../lifecycle.ts';

/** Wakes the endpoint's own workflow, then forgets the promise. What fails before that, the relay repeats. */
export async function keepWake(deps: { temporal: Client; knex: Knex }, wake: PromisedWake): Promise<void> {
  await wakeEndpoint(deps.temporal, wake);
  if (wake.outboxIds.length > 0) await withTenant(deps.knex, wake.orgId, (trx) => settleWakes(trx, wake.orgId, wake.outboxIds));
}
