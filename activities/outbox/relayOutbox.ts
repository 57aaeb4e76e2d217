import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { refreshStatistics } from '../../db/queries/refreshStatistics.ts';
import { forgetOldUsage } from '../../services/apiKeys/usage/forget.ts';
import { forgetEnded } from '../../services/auth/forgetEnded.ts';
import { forgetUnverified } from '../../services/auth/forgetUnverified.ts';
import { bestEffort } from '../../services/bestEffort.ts';
import { measureIdentityBacklog } from '../../services/health/identityBacklog.ts';
import { forgetExpired } from '../../services/idempotency/forgetExpired.ts';
import { keepErasure } from '../../services/events/erasures/keep.ts';
import { ERASURE_TOPIC, findStalledErasures } from '../../services/outbox/erasures.ts';
import { claimForgotten } from '../../services/outbox/forgotten.ts';
import { findStalledReplays, REPLAY_TOPIC } from '../../services/outbox/replays.ts';
import { findOverdueRotations, ROTATION_TOPIC } from '../../services/outbox/rotations.ts';
import { VERIFICATION_TOPIC } from '../../services/outbox/verifications.ts';
import { DELETION_TOPIC } from '../../services/outbox/deletions.ts';
import { KEY_ROTATION_TOPIC } from '../../services/outbox/keyRotations.ts';
import { EXPRESS_TOPIC, findStalledEndpoints, WAKE_TOPIC } from '../../services/outbox/wakes.ts';
import type { PromisedErasure } from '../../services/outbox/erasures.ts';
import type { PromisedReplay } from '../../services/outbox/replays.ts';
import type { PromisedRotation } from '../../services/outbox/rotations.ts';
import { measureBacklog } from '../../services/webhooks/backlog.ts';
import { keepRotation } from '../../services/webhooks/keepRotation.ts';
import { keepReplay } from '../../services/webhooks/replays/keep.ts';
import type { ActivityDeps } from '../deps.ts';
import { relayStalledVerifications, relayVerification } from '../domains/relayVerifications.ts';
import { relayMails } from '../mail/relayMails.ts';
import { relayDeletion, sweepDeletions } from './relayDeletions.ts';
import { relayKeyRotation, sweepKeyRotations } from './relayKeyRotations.ts';
import { resumeRotations } from '../encryptionKeys/resumeRotations.ts';
import { relayWakes } from './relayWakes.ts';

/** One run, then back to the workflow, which starts the next. */
const LIFE_MS = 10 * 60_000;
const POLL_MS = 500;
const SWEEP_EVERY_MS = 15_000;
const STATISTICS_EVERY_MS = 5_000;
/** The process that wrote a row wakes the endpoint itself within about two and a half seconds. */
const FORGOTTEN_AFTER_MS = 3_000;
const CLAIM_MS = 10_000;
const BATCH = 500;
const TOPICS = [
  WAKE_TOPIC,
  EXPRESS_TOPIC,
  ROTATION_TOPIC,
  REPLAY_TOPIC,
  ERASURE_TOPIC,
  KEY_ROTATION_TOPIC,
  DELETION_TOPIC,
  VERIFICATION_TOPIC,
] as const;
/** Stored answers past their day, deleted with each sweep; and ended sessions and their kind, with each run. */
const FORGET_AT_ONCE = 5_000;
/** Well above the longest lease renewal and a worker's move after a crash. */
const STALLED_AFTER_MS = 120_000;

/** Loops for ten minutes: keeps the promises of outbox rows that nobody settled, and now and then what is overdue without any row. */
export const relayOutbox =
  (deps: ActivityDeps) =>
  async (_args: { v: 1 }): Promise<void> => {
    const { cancellationSignal, heartbeat } = heartbeatOf(Context.current());
    const stop = AbortSignal.any([deps.stopping, cancellationSignal]);
    const endsAt = Date.now() + LIFE_MS;
    let sweptAt = 0;
    let refreshedAt = 0;
    await bestEffort(deps.logger, 'people and sessions are forgotten by the next run', forgetPeople(deps));
    while (!stop.aborted && Date.now() < endsAt) {
      heartbeat();
      const relayed = await relayForgotten(deps);
      if (Date.now() - refreshedAt > STATISTICS_EVERY_MS) {
        refreshedAt = Date.now();
        await refreshStatistics(deps.systemKnex);
      }
      if (Date.now() - sweptAt > SWEEP_EVERY_MS) {
        sweptAt = Date.now();
        await sweep(deps);
      }
      if (relayed < BATCH) await sleep(POLL_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  };

function heartbeatOf(context: Context): { cancellationSignal: AbortSignal; heartbeat: () => void } {
  return { cancellationSignal: context.cancellationSignal, heartbeat: () => context.heartbeat() };
}

async function relayForgotten(deps: ActivityDeps): Promise<number> {
  const promises = await deps.systemKnex.transaction((trx) =>
    claimForgotten(trx, { topics: TOPICS, olderThanMs: FORGOTTEN_AFTER_MS, claimMs: CLAIM_MS, limit: BATCH }),
  );
  const wakes = promises.filter(({ topic }) => topic === WAKE_TOPIC || topic === EXPRESS_TOPIC);
  await relayWakes(
    deps,
    wakes.map(({ topic, subjectId, ...wake }) => ({ ...wake, endpointId: subjectId, express: topic === EXPRESS_TOPIC })),
  );
  for (const { topic, orgId, subjectId, outboxIds } of promises) {
    if (topic === REPLAY_TOPIC) await relayReplay(deps, { orgId, replayId: subjectId, outboxIds });
    else if (topic === ERASURE_TOPIC) await relayErasure(deps, { orgId, erasureId: subjectId, outboxIds });
    else if (topic === KEY_ROTATION_TOPIC) await relayKeyRotation(deps, { orgId, rotationId: subjectId, outboxIds });
    else if (topic === VERIFICATION_TOPIC) await relayVerification(deps, { orgId, domainId: subjectId, outboxIds });
    else if (topic === DELETION_TOPIC) await relayDeletion(deps, { orgId, outboxIds });
    else if (topic === ROTATION_TOPIC) await relayRotation(deps, { orgId, secretId: subjectId, outboxIds });
  }
  return promises.reduce((sum, { outboxIds }) => sum + outboxIds.length, 0);
}

async function relayRotation(deps: ActivityDeps, rotation: PromisedRotation): Promise<void> {
  Context.current().heartbeat();
  await keepRotation(deps, rotation);
  deps.metrics.outboxForgotten.inc(rotation.outboxIds.length);
}

async function relayErasure(deps: ActivityDeps, erasure: PromisedErasure): Promise<void> {
  Context.current().heartbeat();
  await keepErasure(deps, erasure);
  deps.metrics.outboxForgotten.inc(erasure.outboxIds.length);
}

async function relayReplay(deps: ActivityDeps, replay: PromisedReplay): Promise<void> {
  Context.current().heartbeat();
  await keepReplay(deps, replay);
  deps.metrics.outboxForgotten.inc(replay.outboxIds.length);
}

async function forgetPeople({ systemKnex }: ActivityDeps): Promise<void> {
  const which = { now: new Date(), limit: FORGET_AT_ONCE };
  await systemKnex.transaction((trx) => forgetEnded(trx, which));
  await systemKnex.transaction((trx) => forgetUnverified(trx, which));
}

async function measure({ systemKnex, metrics }: ActivityDeps): Promise<void> {
  metrics.observeBacklog(await systemKnex.transaction((trx) => measureBacklog(trx)));
  metrics.observeIdentity(await systemKnex.transaction((trx) => measureIdentityBacklog(trx)));
}

async function sweep(deps: ActivityDeps): Promise<void> {
  await bestEffort(deps.logger, 'the next sweep measures', measure(deps));
  const stalled = await deps.systemKnex.transaction((trx) => findStalledEndpoints(trx, { overdueMs: STALLED_AFTER_MS, limit: BATCH }));
  await relayWakes(deps, stalled);
  const overdue = await deps.systemKnex.transaction((trx) => findOverdueRotations(trx, { overdueMs: STALLED_AFTER_MS, limit: BATCH }));
  for (const rotation of overdue) await relayRotation(deps, rotation);
  const halted = await deps.systemKnex.transaction((trx) => findStalledReplays(trx, { overdueMs: STALLED_AFTER_MS, limit: BATCH }));
  for (const replay of halted) await relayReplay(deps, replay);
  const idle = await deps.systemKnex.transaction((trx) => findStalledErasures(trx, { overdueMs: STALLED_AFTER_MS, limit: BATCH }));
  for (const erasure of idle) await relayErasure(deps, erasure);
  await sweepDeletions(deps, { overdueMs: STALLED_AFTER_MS, limit: BATCH });
  await sweepKeyRotations(deps, { overdueMs: STALLED_AFTER_MS, limit: BATCH });
  await relayMails(deps);
  await relayStalledVerifications(deps, { overdueMs: STALLED_AFTER_MS, limit: BATCH });
  await resumeRotations(deps, STALLED_AFTER_MS);
  await deps.systemKnex.transaction((trx) => forgetExpired(trx, { now: new Date(), limit: FORGET_AT_ONCE }));
  await deps.systemKnex.transaction((trx) => forgetOldUsage(trx, { now: new Date(), limit: FORGET_AT_ONCE }));
}
