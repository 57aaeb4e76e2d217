import type { Bench, Receivers } from './bench.ts';
import { percentile, rounded } from './figures.ts';
import { now, steady } from './publish.ts';
import type { Publisher } from './publish.ts';
import type { Figures } from './rows.ts';

const ORGANIZATIONS = 100;
const ENDPOINTS_EACH = 100;
/** A message a minute for each of ten thousand endpoints, as the design names it. */
const PER_SECOND = 167;
const WARM_UP_SECONDS = 6;
const CONNECTIONS_EACH = 2;
const ARRIVED_WITHIN_MS = 60_000;
const TAG = 'sparse';

/** Publish → receipt of ten thousand endpoints of a hundred organizations, all proven fast, that get an event a minute each. */
export async function measureSparse(bench: Bench): Promise<Figures> {
  const all: Receivers[] = [];
  for (let n = 0; n < ORGANIZATIONS; n += 1) all.push(await expressReceivers(bench));
  const publishers = all.map((receivers) => bench.publisher(receivers, CONNECTIONS_EACH));
  const warmUp = PER_SECOND * WARM_UP_SECONDS;
  const events = PER_SECOND * bench.options.steadySeconds;
  await bench.sink.expect({ tag: TAG });
  await publish(publishers, 0, warmUp);
  await bench.sink.waitFor(warmUp, ARRIVED_WITHIN_MS);
  await bench.sink.expect({ tag: TAG, since: now() });
  const before = bench.cpu();
  await publish(publishers, warmUp, events);
  const { latencies } = await bench.sink.waitFor(events, ARRIVED_WITHIN_MS);
  const cpu = bench.cpuEach(before, events, 'delivery');
  await Promise.all(publishers.map((publisher) => publisher.close()));
  const figure = (share: number): number => rounded(percentile(latencies, share), 2);
  return {
    p50_ms: figure(0.5),
    p95_ms: figure(0.95),
    p99_ms: figure(0.99),
    samples: latencies.length,
    endpoints: ORGANIZATIONS * ENDPOINTS_EACH,
    left_the_express_lane: await ownLaneCount(all),
    ...cpu,
  };
}

async function expressReceivers(bench: Bench): Promise<Receivers> {
  const { origins } = bench.sink;
  const receivers = await bench.receivers(ENDPOINTS_EACH, (n) => ({ url: `${origins[n]}/${TAG}/${n}`, channels: [channelOf(n)] }));
  await receivers.tenant.update('webhook_endpoints', {}, () => ({ lane: 'express' }));
  return receivers;
}

/** The n-th event goes to the next organization, and round after round to its next endpoint. */
async function publish(publishers: Publisher[], from: number, count: number): Promise<void> {
  const channel = (n: number): string => channelOf(Math.floor((from + n) / publishers.length) % ENDPOINTS_EACH);
  await steady(PER_SECOND, count, (n) => publishers[(from + n) % publishers.length]!.publish(channel(n)));
}

async function ownLaneCount(all: Receivers[]): Promise<number> {
  const counts = await Promise.all(all.map(({ tenant }) => tenant.rows('webhook_endpoints', { lane: 'own' })));
  return counts.reduce((sum, rows) => sum + rows.length, 0);
}

const channelOf = (n: number): string => `endpoint-${n}`;
