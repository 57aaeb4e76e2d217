import type { Bench, Receivers } from './bench.ts';
import { percentile, rounded } from './figures.ts';
import { now } from './publish.ts';
import type { Figures } from './rows.ts';

const ENDPOINTS = 100;
const PER_SECOND = 300;
/** The hanging endpoint has all its requests open before anything is counted. */
const WARM_UP_SECONDS = 6;
/**
 * A hundred workflows begin, what waited for them is delivered, and endpoints that are proven fast come to the lane that serves them from then on,
 * before either half: this counts the neighbour, not the start.
 */
const START_SECONDS = 20;
const CONNECTIONS = 32;
const ARRIVED_WITHIN_MS = 60_000;
const APART = 0;
/** Longer than the receiver takes, so that it hangs for as long as it likes. */
const TIMEOUT_SECONDS = 40;

/** Publish → receipt of 99 endpoints at 300/s in all, while the hundredth answers at once and while it takes 30 s. */
export async function measureIsolation(bench: Bench): Promise<Figures> {
  const receivers = await bench.receivers(ENDPOINTS, (n) => ({ channels: [channelOf(n)], timeoutSeconds: TIMEOUT_SECONDS }));
  await startAll(bench, receivers);
  const without = await othersAt(bench, receivers, false);
  const { steadySeconds } = bench.options;
  const before = bench.cpu();
  const hanging = await othersAt(bench, receivers, true);
  const cpu = bench.cpuEach(before, PER_SECOND * (WARM_UP_SECONDS + steadySeconds), 'delivery');
  await bench.sink.expect({ tag: 'nobody' });
  return {
    others_p50_ms: rounded(percentile(without, 0.5), 2),
    others_p99_ms: rounded(percentile(without, 0.99), 2),
    others_p50_ms_hanging: rounded(percentile(hanging, 0.5), 2),
    others_p99_ms_hanging: rounded(percentile(hanging, 0.99), 2),
    samples: hanging.length,
    ...cpu,
  };
}

async function startAll(bench: Bench, receivers: Receivers): Promise<void> {
  const publisher = bench.publisher(receivers, CONNECTIONS);
  await bench.sink.expect({ tag: receivers.tag });
  await publisher.steady(PER_SECOND, START_SECONDS, channelOf);
  await bench.sink.waitFor(PER_SECOND * START_SECONDS, ARRIVED_WITHIN_MS);
  await publisher.close();
}

async function othersAt(bench: Bench, receivers: Receivers, hang: boolean): Promise<number[]> {
  const { steadySeconds } = bench.options;
  const publisher = bench.publisher(receivers, CONNECTIONS);
  await bench.sink.expect({ tag: receivers.tag, apart: APART, hang });
  await publisher.steady(PER_SECOND, WARM_UP_SECONDS, channelOf);
  // The same customer goes on hanging, or all go on answering; only the count starts anew.
  await bench.sink.expect({ tag: receivers.tag, apart: APART, hang, since: now() });
  await publisher.steady(PER_SECOND, steadySeconds, channelOf);
  const counted = (PER_SECOND * steadySeconds * (ENDPOINTS - 1)) / ENDPOINTS;
  const { latencies } = await bench.sink.waitFor(counted, ARRIVED_WITHIN_MS);
  await publisher.close();
  return latencies;
}

const channelOf = (n: number): string => `endpoint-${n % ENDPOINTS}`;
