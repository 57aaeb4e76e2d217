import { setTimeout as sleep } from 'node:timers/promises';
import { createInstallation } from '../support/installation.ts';
import type { Installation } from '../support/installation.ts';
import { startReceiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { readEvidence, unfinished } from './evidence.ts';
import { faultsOf, figuresOf } from './judge.ts';
import type { Figures } from './judge.ts';
import { Keeper } from './keeper.ts';
import { killSchedule } from './schedule.ts';
import type { Kill, Victim } from './schedule.ts';
import { publishTraffic, TYPES } from './traffic.ts';

/** After the last event is accepted: leases end, other workers take over, wake-ups are repeated. */
const FINISH_MS = 90_000;

/** Well below FINISH_MS: when the whole machine stalls, requests time out and an endpoint is probed after this time. */
export const RETRY_DELAY_SECONDS = 5;

export interface CrashOptions {
  seed: number;
  seconds: number;
  perSecond: number;
  leaseSeconds: number;
  /** Made before, as in the image: a worker that is started again does not make it. */
  bundlePath: string;
}

export interface CrashResult {
  seed: number;
  schedule: Kill[];
  kills: Record<string, number>;
  /** Starts that were killed themselves, or came too early. */
  failed_starts: Record<string, number>;
  longest_away_ms: Record<string, number>;
  figures: Figures;
  /** From the last 202 until nothing was left to do. */
  finished_after_ms: number;
  faults: string[];
}

/** A whole installation under load whose processes are killed with -9, then what is left of it, judged. Bounded in time. */
export async function crashRun(options: CrashOptions): Promise<CrashResult> {
  const { seed, seconds, perSecond, leaseSeconds, bundlePath } = options;
  const schedule = killSchedule(seed, seconds);
  const env = { WEBHOOK_LEASE_SECONDS: String(leaseSeconds), WEBHOOK_LINGER_SECONDS: '5', WORKFLOW_BUNDLE_PATH: bundlePath };
  const [installation, receiver] = await Promise.all([createInstallation({ env }), startReceiver()]);
  const keepers = keepersOf(installation);
  try {
    await Promise.all([installation.api.start(), installation.worker.start()]);
    const tenant = await TestTenant.create(installation.database);
    for (const type of TYPES)
      await tenant.webhook({ url: `${receiver.url}/${type}`, eventTypes: [type], retryDelaySeconds: RETRY_DELAY_SECONDS });
    const killing = killAll(keepers, schedule);
    const traffic = await publishTraffic({ apiUrl: installation.api.url, apiKey: tenant.key, perSecond, seconds });
    await killing;
    const finishedAfterMs = await finish(installation, tenant.orgId);
    const figures = figuresOf(traffic, receiver.received, await readEvidence(tenant), keepers.worker.killedAt);
    const faults = faultsOf(figures, Math.round(perSecond * seconds));
    return {
      seed,
      schedule,
      kills: counts(keepers, ({ killedAt }) => killedAt.length),
      failed_starts: counts(keepers, ({ failedStarts }) => failedStarts),
      longest_away_ms: counts(keepers, ({ longestAwayMs }) => longestAwayMs),
      figures,
      finished_after_ms: finishedAfterMs,
      faults: faults.concat(traffic.givenUp.slice(0, 5)),
    };
  } finally {
    for (const keeper of Object.values(keepers)) keeper.end();
    await receiver.close();
    await installation.dispose();
  }
}

function keepersOf({ api, worker, temporal, postgres }: Installation): Record<Victim, Keeper> {
  return { api: new Keeper(api), worker: new Keeper(worker), temporal: new Keeper(temporal), postgres: new Keeper(postgres) };
}

async function killAll(keepers: Record<Victim, Keeper>, schedule: Kill[]): Promise<void> {
  const startedAt = Date.now();
  for (const { atMs, victim, downMs } of schedule) {
    await sleep(Math.max(0, startedAt + atMs - Date.now()));
    await keepers[victim].kill(downMs);
  }
  for (const keeper of Object.values(keepers)) await keeper.ready();
}

/** Waits until nothing is unfinished, or the time is over: what is left then is stuck, and the figures show it. */
async function finish({ database }: Installation, orgId: string): Promise<number> {
  const startedAt = Date.now();
  while (Date.now() - startedAt < FINISH_MS && (await unfinished(database.system, orgId)) > 0) await sleep(250);
  return Date.now() - startedAt;
}

function counts(keepers: Record<Victim, Keeper>, read: (keeper: Keeper) => number): Record<string, number> {
  return Object.fromEntries(Object.entries(keepers).map(([name, keeper]) => [name, read(keeper)]));
}
