import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { withTenant } from '../../../db/tenancy.ts';
import type { PromisedDeletion } from '../../outbox/deletions.ts';
import { settleWakes } from '../../outbox/wakes.ts';
import { wakeOrganizationDeletion } from '../lifecycle.ts';

/** Has the deletion's workflow look at the row, and settles the promise. Safe to repeat. */
export async function keepDeletion(deps: { knex: Knex; temporal: Client }, { orgId, outboxIds }: PromisedDeletion): Promise<void> {
  await wakeOrganizationDeletion(deps.temporal, orgId);
  if (outboxIds.length > 0) await withTenant(deps.knex, orgId, (trx) => settleWakes(trx, orgId, outboxIds));
}
