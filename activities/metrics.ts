import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { IdentityBacklog } from '../services/health/identityBacklog.ts';
import type { Backlog } from '../services/webhooks/backlog.ts';
import type { AttemptResult } from '../services/webhooks/record.ts';
import type { Lane } from '../services/webhooks/target.ts';
import { createScheduledMetrics } from './scheduledMetrics.ts';
import type { ScheduledMetrics } from './scheduledMetrics.ts';

/** Metrics of the worker process. No label ever names a tenant. */
export interface WorkerMetrics extends ScheduledMetrics {
  registry: Registry;
  observeAttempt(result: AttemptResult, lane?: Lane): void;
  /** Endpoints that moved to a lane. */
  laneChanged(to: Lane, endpoints: number): void;
  outboxForgotten: Counter;
  /** Values that a rotation of encryption keys sealed again. */
  valuesResealed: Counter;
  mails: Counter<'outcome'>;
  /** Of the relay's sweep over all organizations; gone again when this process no longer runs it. */
  observeBacklog(backlog: Backlog): void;
  /** The same of identity and keys. */
  observeIdentity(backlog: IdentityBacklog): void;
}

interface SweptGauge {
  set(value: number): void;
}

/** 48 bits of a UUIDv7 are its time; these are the digits of its text that hold them. */
const acceptedMs = (eventId: string): number => Number.parseInt(eventId.slice(0, 8) + eventId.slice(9, 13), 16);

const ATTEMPT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
/** Up to a day and more: a retry schedule is that long. */
const LATENCY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400];
/** Three sweeps of the relay. */
const STALE_AFTER_MS = 45_000;

/** `now` is a monotonic clock in milliseconds. */
export function createWorkerMetrics(now: () => number = () => performance.now()): WorkerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const attempts = new Counter({
    name: 'artisan_webhook_attempts_total',
    help: 'Attempts by what they led to, and by lane',
    labelNames: ['outcome', 'lane'],
    registers,
  });
  const duration = new Histogram({
    name: 'artisan_webhook_attempt_duration_seconds',
    help: 'One HTTP exchange, from connecting to the last byte read',
    buckets: ATTEMPT_SECONDS,
    registers,
  });
  const observeLatency = latencyOf(registers);
  const moves = new Counter({
    name: 'artisan_endpoint_lane_changes_total',
    help: 'Endpoints that moved to the express lane or to a workflow of their own',
    labelNames: ['to'],
    registers,
  });
  const swept = (name: string, help: string): SweptGauge => sweptGauge({ registry, now, name, help });
  return {
    ...createScheduledMetrics(registers),
    registry,
    laneChanged: (to, endpoints) => moves.inc({ to }, endpoints),
    observeAttempt: (result, lane = 'own') => {
      attempts.inc({ outcome: result.verdict.status === 'pending' ? 'interrupted' : result.verdict.status, lane });
      duration.observe(result.durationMs / 1_000);
      observeLatency(result);
    },
    mails: mailsOf(registers),
    outboxForgotten: new Counter({
      name: 'artisan_outbox_relayed_total',
      help: 'Wake-ups that the process which promised them did not make',
      registers,
    }),
    valuesResealed: new Counter({
      name: 'artisan_encryption_values_resealed_total',
      help: 'Values that a rotation of encryption keys sealed again',
      registers,
    }),
    observeBacklog: backlogOf(swept),
    observeIdentity: identityOf(swept),
  };
}

/** From accepting the event, as its id says, to the answer that delivered it. A replay's event is old by nature and is left out. */
function latencyOf(registers: Registry[]): (result: AttemptResult) => void {
  const latency = new Histogram({
    name: 'artisan_webhook_delivery_latency_seconds',
    help: 'From accepting an event to the answer that delivered it, at the first attempt or at a later one; without replays',
    labelNames: ['attempt'],
    buckets: LATENCY_SECONDS,
    registers,
  });
  const [first, later] = [latency.labels({ attempt: 'first' }), latency.labels({ attempt: 'later' })];
  return ({ verdict, replay, number, eventId, startedAt, durationMs }) => {
    if (verdict.status !== 'delivered' || replay) return;
    const answeredMs = startedAt.getTime() + durationMs;
    // The clock of the process that accepted it may be ahead of ours.
    (number === 1 ? first : later).observe(Math.max(0, answeredMs - acceptedMs(eventId)) / 1_000);
  };
}

function backlogOf(swept: (name: string, help: string) => SweptGauge): (backlog: Backlog) => void {
  const unfinished = swept('artisan_deliveries_unfinished', 'Deliveries that are pending, in flight or retrying');
  const held = swept('artisan_deliveries_held', 'Unfinished deliveries of endpoints that are failing, paused or disabled');
  const oldest = swept('artisan_deliveries_oldest_due_seconds', 'How long the oldest due delivery has waited that is not held back');
  const failing = swept('artisan_endpoints_failing', 'Endpoints with an open circuit: only probed');
  const disabled = swept('artisan_endpoints_disabled', 'Endpoints that are disabled');
  const dead = swept('artisan_deliveries_dead', 'Dead letters of endpoints that are not deleted, counted up to 10000');
  const statsAge = swept('artisan_webhook_stats_age_seconds', 'Since the end of the last minute whose attempts are counted');
  return (backlog) => {
    unfinished.set(backlog.unfinished);
    held.set(backlog.held);
    oldest.set(backlog.oldestDueSeconds);
    failing.set(backlog.failingEndpoints);
    disabled.set(backlog.disabledEndpoints);
    dead.set(backlog.deadLetters);
    statsAge.set(backlog.statsAgeSeconds);
  };
}

/** Every outcome is there from the start: Prometheus sees no increase in a series that begins with it. */
function mailsOf(registers: Registry[]): Counter<'outcome'> {
  const mails = new Counter({
    name: 'artisan_mails_total',
    help: 'Attempts to hand a mail to the mail server, by what they led to',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of ['sent', 'retrying', 'given_up']) mails.inc({ outcome }, 0);
  return mails;
}

function identityOf(swept: (name: string, help: string) => SweptGauge): (backlog: IdentityBacklog) => void {
  const oldestMail = swept('artisan_mails_oldest_waiting_seconds', 'Age of the oldest mail that is neither sent nor given up');
  const mails = swept('artisan_mails_waiting', 'Mails that are neither sent nor given up, counted up to 10000');
  const rotation = swept('artisan_key_rotations_overdue_seconds', 'Since the oldest key was to be retired that is not');
  const encryption = swept('artisan_encryption_rotation_idle_seconds', 'Since a rotation of encryption keys made progress');
  const deletion = swept('artisan_organization_deletions_overdue_seconds', 'Since the next step of a deletion was due');
  const domain = swept('artisan_domain_checks_overdue_seconds', 'Since the record of a verified domain was to be looked for');
  const signing = swept('artisan_signing_key_age_seconds', 'Since the newest key began to sign access tokens');
  const accounts = swept('artisan_accounts_locked', 'Accounts at which nobody may guess now, counted up to 10000');
  const networks = swept('artisan_networks_locked', 'Networks with too many failures, counted up to 10000');
  return (backlog) => {
    oldestMail.set(backlog.oldestMailSeconds);
    mails.set(backlog.mailsWaiting);
    rotation.set(backlog.keyRotationOverdueSeconds);
    encryption.set(backlog.encryptionRotationIdleSeconds);
    deletion.set(backlog.deletionOverdueSeconds);
    domain.set(backlog.domainCheckOverdueSeconds);
    signing.set(backlog.signingKeyAgeSeconds);
    accounts.set(backlog.accountsLocked);
    networks.set(backlog.networksLocked);
  };
}

/** One worker sweeps, and it may be another one next: the last figure of a worker that stopped sweeping must not stand for ever. */
function sweptGauge({ registry, now, name, help }: { registry: Registry; now: () => number; name: string; help: string }): SweptGauge {
  let setAt = Number.NEGATIVE_INFINITY;
  const gauge = new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      if (now() - setAt > STALE_AFTER_MS) this.remove();
    },
  });
  return {
    set: (value) => {
      setAt = now();
      gauge.set(value);
    },
  };
}
