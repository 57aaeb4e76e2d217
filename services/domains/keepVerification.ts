import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { withTenant } from '../../db/tenancy.ts';
import type { PromisedVerification } from '../outbox/verifications.ts';
import { settleWakes } from '../outbox/wakes.ts';
import { startDomainVerification } from './lifecycle.ts';

/** Starts the workflow that looks for the record, if it does not run, and settles the promise. Safe to repeat. */
export async function keepVerification(
  deps: { knex: Knex; temporal: Client },
  { orgId, domainId, outboxIds }: PromisedVerification,
): Promise<void> {
  await startDomainVerification(deps.temporal, { orgId, domainId });
  if (outboxIds.length > 0) await withTenant(deps.knex, orgId, (trx) => settleWakes(trx, orgId, outboxIds));
}
