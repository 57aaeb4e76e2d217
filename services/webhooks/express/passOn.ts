import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { wakeExpress } from '../lifecycle.ts';
import type { EndpointRef } from '../lifecycle.ts';
import { notifyWakes } from '../notifyWakes.ts';
import { wakeEntry } from '../waker.ts';
import { shardOf } from './lane.ts';

/**
 * Has the express lane look after an endpoint that is in it: at once where a run of its shard is alive, which a signal does not reach, and
 * with the next run otherwise. When it returns, the workflow of the shard has taken over the promise; throws when Postgres or Temporal is away.
 */
export async function passToExpress({ temporal, knex }: { temporal: Client; knex: Knex }, endpoint: EndpointRef): Promise<void> {
  await notifyWakes(knex, wakeEntry({ ...endpoint, express: true }));
  await wakeExpress(temporal, shardOf(endpoint.endpointId));
}
