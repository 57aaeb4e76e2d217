import { setTimeout as sleep } from 'node:timers/promises';
import { publishUntilAccepted } from '../faults/publishOver.ts';
import type { Installation } from '../support/installation.ts';
import type { TestProcess } from '../support/processes.ts';
import type { Bench } from './bench.ts';
import type { Figures } from './rows.ts';

const PER_SECOND = 200;
const KILL_EVERY_MS = 5_000;
const ARRIVED_WITHIN_MS = 120_000;
const MOST_FAILED_STARTS = 2;

/** API and worker are killed together while clients publish, each repeating its request with the same key until it is accepted. */
export async function measureCrashes(bench: Bench): Promise<Figures> {
  const { installation, options, sink } = bench;
  const { tenant, tag } = await bench.receivers(1);
  await sink.expect({ tag, track: true });
  const killing = new AbortController();
  const killer = killUntil(installation, killing.signal);
  // It is awaited below; until then its failure must not end the whole run.
  killer.catch(() => killing.abort());
  const publishing: Promise<string | null>[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < PER_SECOND * options.crashSeconds; n += 1) {
    await sleep(Math.max(0, startedAt + (n * 1_000) / PER_SECOND - performance.now()));
    // A client that gave up was not promised anything.
    publishing.push(publishUntilAccepted(installation.api.url, tenant.key, { n }, `${tag}-${n}`).catch(() => null));
  }
  killing.abort();
  const kills = await killer;
  const answers = await Promise.all(publishing);
  const accepted = new Set(answers.filter((id) => id !== null));
  const { received, ids } = await receivedOf(bench, accepted.size);
  const lost = accepted.size - ids.filter(([id]) => accepted.has(id)).length;
  return { accepted: accepted.size, received, lost, duplicates: received - ids.length, kills, given_up: answers.length - accepted.size };
}

/** All that arrives in time: a lost event is a figure here, not a failure of the benchmark. */
async function receivedOf({ sink }: Bench, count: number): ReturnType<Bench['sink']['read']> {
  try {
    return await sink.waitFor(count, ARRIVED_WITHIN_MS, 'distinct');
  } catch {
    return sink.read();
  }
}

async function killUntil({ api, worker }: Installation, stop: AbortSignal): Promise<number> {
  for (let kills = 0; ; kills += 1) {
    await sleep(KILL_EVERY_MS, undefined, { signal: stop }).catch(() => undefined);
    if (stop.aborted) return kills;
    await Promise.all([api.kill(), worker.kill()]);
    await Promise.all([startAgain(api), startAgain(worker)]);
  }
}

/** As a supervisor does: a start that takes too long is ended and repeated. */
async function startAgain(process: TestProcess): Promise<void> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await process.start();
    } catch (error) {
      await process.kill();
      if (failures === MOST_FAILED_STARTS) throw error;
    }
  }
}
