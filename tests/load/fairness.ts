import { setTimeout as sleep } from 'node:timers/promises';
import { typeId } from '../../server/ids.ts';
import type { Bench, Receivers } from './bench.ts';
import { percentile, rounded } from './figures.ts';
import { now } from './publish.ts';
import type { Figures } from './rows.ts';

const ENDPOINTS = 10;
/** Deliveries of the backlog for each event of a burst: 20,000 events, 100,000 deliveries. */
const BACKLOG_FACTOR = 5;
const PER_SECOND = 8;
const SECONDS = 15;
const WARM_UP_SECONDS = 3;
const ARRIVED_WITHIN_MS = 120_000;

/** Publish → receipt of single events of one tenant: alone, and while another tenant's backlog is drained at full speed. */
export async function measureFairness(bench: Bench): Promise<Figures> {
  const [single, busy] = [await bench.receivers(1), await bench.receivers(ENDPOINTS)];
  await busy.tenant.update('webhook_endpoints', {}, () => ({ status: 'paused' }));
  const backlog = await fill(bench, busy);
  const alone = await singles(bench, single);
  await resume(bench, busy);
  const beside = await singles(bench, single);
  const left = await unmade(busy, backlog);
  for (const giveUpAt = Date.now() + ARRIVED_WITHIN_MS; (await unmade(busy, backlog)) > 0 && Date.now() < giveUpAt;) await sleep(500);
  const figure = (values: number[], share: number): number => rounded(percentile(values, share), 2);
  return {
    p50_ms_alone: figure(alone, 0.5),
    p95_ms_alone: figure(alone, 0.95),
    p99_ms_alone: figure(alone, 0.99),
    p50_ms_beside_backlog: figure(beside, 0.5),
    p95_ms_beside_backlog: figure(beside, 0.95),
    p99_ms_beside_backlog: figure(beside, 0.99),
    samples: beside.length,
    backlog,
    backlog_left_at_the_end: left,
  };
}

/** Returns how many deliveries wait. */
async function fill(bench: Bench, busy: Receivers): Promise<number> {
  const events = Math.ceil((bench.options.events * BACKLOG_FACTOR) / ENDPOINTS);
  const publisher = bench.publisher(busy, bench.options.publishers);
  await publisher.burst(events, bench.options.publishers);
  await publisher.close();
  return events * ENDPOINTS;
}

async function resume(bench: Bench, { tenant, endpointIds }: Receivers): Promise<void> {
  for (const id of endpointIds) {
    const url = `${bench.installation.api.url}/api/v1/admin/webhooks/${typeId('whk', id)}/resume`;
    const { status } = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${tenant.key}` } });
    if (status !== 200) throw new Error(`resuming answered ${status}`);
  }
}

async function singles(bench: Bench, single: Receivers): Promise<number[]> {
  const publisher = bench.publisher(single, PER_SECOND);
  await bench.sink.expect({ tag: single.tag });
  await publisher.steady(PER_SECOND, WARM_UP_SECONDS);
  await bench.sink.expect({ tag: single.tag, since: now() });
  await publisher.steady(PER_SECOND, SECONDS);
  const { latencies } = await bench.sink.waitFor(PER_SECOND * SECONDS, ARRIVED_WITHIN_MS);
  await publisher.close();
  return latencies;
}

/** Deliveries of the backlog that are not made, by the endpoints' own counts. */
async function unmade({ tenant }: Receivers, backlog: number): Promise<number> {
  const endpoints = await tenant.rows<{ delivered_count: string }>('webhook_endpoints');
  return endpoints.reduce((left, { delivered_count: delivered }) => left - Number(delivered), backlog);
}
