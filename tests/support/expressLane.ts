import type { Client } from '@temporalio/client';
import { typeId } from '../../server/ids.ts';
import { shardOf } from '../../services/webhooks/express/lane.ts';
import { wakeEndpoint, wakeExpress } from '../../services/webhooks/lifecycle.ts';
import { workflowId as ownId } from '../../workflows/endpointDelivery/contract.ts';
import type { TestTenant } from './tenant.ts';

/** Wakes whom the tenant's publishing promised to wake, as the API process would. */
export async function wakePromised(temporal: Client, ...tenants: TestTenant[]): Promise<void> {
  const wakes = tenants.flatMap((tenant) => tenant.wakes.splice(0));
  const shards = new Set(wakes.filter(({ express }) => express).map(({ endpointId }) => shardOf(endpointId)));
  const own = wakes.filter(({ express }) => !express);
  await Promise.all([...[...shards].map((shard) => wakeExpress(temporal, shard)), ...own.map((wake) => wakeEndpoint(temporal, wake))]);
}

/** Puts endpoints into the express lane without the twenty deliveries that would prove them fast. */
export async function moveToExpress(tenant: TestTenant, endpointIds: string[]): Promise<void> {
  for (const id of endpointIds) await tenant.update('webhook_endpoints', { id }, () => ({ lane: 'express' }));
}

/** The endpoint's own workflow. */
export const ownWorkflow = (temporal: Client, { orgId }: TestTenant, endpointId: string) =>
  temporal.workflow.getHandle(ownId({ orgId: typeId('org', orgId), endpointId: typeId('whk', endpointId) }));
