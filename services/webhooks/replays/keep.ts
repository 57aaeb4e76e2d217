import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { withTenant } from '../../../db/tenancy.ts';
import type { PromisedReplay } from '../../outbox/replays.ts';
import { settleWakes } from '../../outbox/wakes.ts';
import { wakeReplay } from '../lifecycle.ts';

/** Tells the replay's workflow to look at its row, starts it if there is none, and settles the promise. Safe to repeat. */
export async function keepReplay(deps: { knex: Knex; temporal: Client }, { orgId, replayId, outboxIds }: PromisedReplay): Promise<void> {
  const replay = await withTenant(deps.knex, orgId, (trx) =>
    trx('webhook_replays').where({ org_id: orgId, id: replayId }).first<{ endpoint_id: string } | undefined>('endpoint_id'),
  );
  if (replay) await wakeReplay(deps.temporal, { orgId, endpointId: replay.endpoint_id, replayId });
  if (outboxIds.length > 0) await withTenant(deps.knex, orgId, (trx) => settleWakes(trx, orgId, outboxIds));
}
