import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { typeId } from '../../server/ids.ts';
import * as endpointDelivery from '../../workflows/endpointDelivery/contract.ts';
import type { Bench, Receivers } from './bench.ts';
import { median, percentile, rounded } from './figures.ts';
import { now } from './publish.ts';
import type { Figures } from './rows.ts';

const PER_SECOND = 50;
const WARM_UP_SECONDS = 3;
const CONNECTIONS = 8;
const IDLE_ENDPOINTS = 40;
const IDLE_PER_SECOND = 4;
const ARRIVED_WITHIN_MS = 30_000;
/** Longer than an activity that has nothing to do listens on. */
const COMPLETED_WITHIN_MS = 60_000;

/** A fixed, low rate to one endpoint whose activity is alive: what one request and one delivery take when nothing queues. */
export async function measureSteady(bench: Bench): Promise<Figures> {
  const { steadySeconds } = bench.options;
  const receivers = await bench.receivers(1);
  const publisher = bench.publisher(receivers, CONNECTIONS);
  await publisher.steady(PER_SECOND, WARM_UP_SECONDS);
  publisher.forget();
  await bench.sink.expect({ tag: receivers.tag, since: now() });
  const before = bench.cpu();
  await publisher.steady(PER_SECOND, steadySeconds);
  const { latencies } = await bench.sink.waitFor(PER_SECOND * steadySeconds, ARRIVED_WITHIN_MS);
  const cpu = bench.cpuEach(before, PER_SECOND * steadySeconds, 'delivery');
  await publisher.close();
  return {
    accept_p50_ms: rounded(percentile(publisher.acceptMs, 0.5), 2),
    accept_p99_ms: rounded(percentile(publisher.acceptMs, 0.99), 2),
    ...receipts(latencies),
    ...cpu,
  };
}

/** One event to each of many endpoints, each of which had work before and whose workflow has completed since. */
export async function measureIdle(bench: Bench): Promise<Figures> {
  const receivers = await bench.receivers(IDLE_ENDPOINTS, (n) => ({ channels: [`idle-${n}`] }));
  const publisher = bench.publisher(receivers, CONNECTIONS);
  const oneEach = async (): Promise<number[]> => {
    await bench.sink.expect({ tag: receivers.tag });
    await publisher.steady(IDLE_PER_SECOND, IDLE_ENDPOINTS / IDLE_PER_SECOND, (n) => `idle-${n}`);
    return (await bench.sink.waitFor(IDLE_ENDPOINTS, ARRIVED_WITHIN_MS)).latencies;
  };
  await oneEach();
  await eachWorkflow(bench, receivers, completed);
  const latencies = await oneEach();
  await publisher.close();
  const spans: Spans[] = [];
  await eachWorkflow(bench, receivers, async (handle) => {
    await completed(handle);
    spans.push(spansOf(await handle.fetchHistory()));
  });
  const middle = (of: (one: Spans) => number): number => rounded(median(spans.map(of)), 2);
  return {
    ...receipts(latencies),
    samples: latencies.length,
    // Of the way to a receipt, what Temporal has of it: from the start of the workflow to that of its activity.
    temporal_task_p50_ms: middle(({ task }) => task),
    temporal_activity_p50_ms: middle(({ activity }) => activity),
  };
}

interface Spans {
  /** From the start of the run to the end of its first workflow task, milliseconds. */
  task: number;
  /** From there to the start of its activity. */
  activity: number;
}

function spansOf({ events }: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>): Spans {
  const at = (kind: 'workflowTaskCompletedEventAttributes' | 'activityTaskStartedEventAttributes'): number =>
    timeOf(events!.find((event) => event[kind])!);
  const [start, decided] = [timeOf(events![0]!), at('workflowTaskCompletedEventAttributes')];
  return { task: decided - start, activity: at('activityTaskStartedEventAttributes') - decided };
}

const timeOf = ({ eventTime }: { eventTime?: { seconds?: unknown; nanos?: number | null } | null }): number =>
  Number(eventTime!.seconds) * 1_000 + eventTime!.nanos! / 1e6;

async function eachWorkflow(bench: Bench, receivers: Receivers, work: (handle: WorkflowHandle) => Promise<void>): Promise<void> {
  const { address, namespace } = bench.installation.temporal;
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const orgId = typeId('org', receivers.tenant.orgId);
  try {
    for (const endpointId of receivers.endpointIds)
      await work(client.workflow.getHandle(endpointDelivery.workflowId({ orgId, endpointId: typeId('whk', endpointId) })));
  } finally {
    await connection.close();
  }
}

async function completed(handle: WorkflowHandle): Promise<void> {
  const giveUpAt = Date.now() + COMPLETED_WITHIN_MS;
  while ((await handle.describe()).status.name !== 'COMPLETED') {
    if (Date.now() > giveUpAt) throw new Error(`${handle.workflowId} did not complete within ${COMPLETED_WITHIN_MS} ms`);
    await sleep(200);
  }
}

const receipts = (latencies: number[]): Figures => ({
  receipt_p50_ms: rounded(percentile(latencies, 0.5), 2),
  receipt_p99_ms: rounded(percentile(latencies, 0.99), 2),
});
