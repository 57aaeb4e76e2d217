import type { Bench, Receivers } from './bench.ts';
import { percentile, rounded } from './figures.ts';
import { now } from './publish.ts';
import type { Figures } from './rows.ts';

const ENDPOINTS = 10;
const DELIVERED_WITHIN_MS = 240_000;
/** Deliveries of a backlog for each event of a burst: 20,000 events, 50,000 deliveries. */
const BACKLOG_FACTOR = 2.5;

/** As many events as possible to `endpoints`: publish rate, and deliveries from the first publish to the last receipt. */
export async function measureBurst(bench: Bench, endpoints = 1, events = bench.options.events): Promise<Figures> {
  const receivers = await bench.receivers(endpoints);
  await bench.sink.expect({ tag: receivers.tag });
  const before = bench.cpu();
  const startedAt = now();
  const published = await publish(bench, receivers, events);
  const { lastAt } = await bench.sink.waitFor(events * endpoints, DELIVERED_WITHIN_MS);
  return {
    deliveries_per_second: rounded((events * endpoints * 1_000) / (lastAt - startedAt)),
    ...published,
    ...bench.cpuEach(before, events * endpoints, 'delivery'),
  };
}

export const measureFanOut = (bench: Bench): Promise<Figures> => measureBurst(bench, ENDPOINTS);

/** The API alone; what it accepted is delivered afterwards, and not timed. */
export async function measurePublishAlone(bench: Bench): Promise<Figures> {
  const { worker } = bench.installation;
  const { events } = bench.options;
  const receivers = await bench.receivers(1);
  await bench.sink.expect({ tag: receivers.tag });
  await worker.stop();
  const before = bench.cpu();
  const published = await publish(bench, receivers, events);
  const cpu = bench.cpuEach(before, events, 'event');
  await worker.start();
  await bench.sink.waitFor(events, DELIVERED_WITHIN_MS);
  return { ...published, ...cpu };
}

/** The worker alone, started anew in front of a backlog: deliveries from the first receipt to the last. */
export async function measureDrain(bench: Bench): Promise<Figures> {
  const { worker } = bench.installation;
  const events = Math.ceil((bench.options.events * BACKLOG_FACTOR) / ENDPOINTS);
  const receivers = await bench.receivers(ENDPOINTS);
  await bench.sink.expect({ tag: receivers.tag });
  await worker.stop();
  await publish(bench, receivers, events);
  const startedAt = now();
  await worker.start();
  const before = bench.cpu();
  const { firstAt, lastAt } = await bench.sink.waitFor(events * ENDPOINTS, DELIVERED_WITHIN_MS);
  return {
    deliveries_per_second: rounded(((events * ENDPOINTS - 1) * 1_000) / (lastAt - firstAt)),
    backlog: events * ENDPOINTS,
    ms_to_first_receipt: rounded(firstAt - startedAt),
    ...bench.cpuEach(before, events * ENDPOINTS, 'delivery'),
  };
}

async function publish(bench: Bench, receivers: Receivers, events: number): Promise<Figures> {
  const { publishers } = bench.options;
  const publisher = bench.publisher(receivers, publishers);
  const seconds = await publisher.burst(events, publishers);
  await publisher.close();
  return {
    publish_per_second: rounded(events / seconds),
    accept_p50_ms: rounded(percentile(publisher.acceptMs, 0.5), 2),
    accept_p99_ms: rounded(percentile(publisher.acceptMs, 0.99), 2),
    refused_503: publisher.refused,
  };
}
