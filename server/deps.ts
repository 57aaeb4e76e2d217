import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { Knex } from 'knex';
import { toAppError } from '../db/errors.ts';
import { createKnex } from '../db/knex.ts';
import { withPipeline } from '../db/pipeline.ts';
import type { TenantPipeline } from '../db/pipeline.ts';
import type { Listener } from '../db/listen.ts';
import { Presence } from '../db/presence.ts';
import { recordKeyUsage } from '../db/queries/recordKeyUsage.ts';
import { recordEventUsage } from '../db/queries/recordEventUsage.ts';
import { withTenant } from '../db/tenancy.ts';
import { createAuthenticator } from '../services/apiKeys/authenticate.ts';
import type { Authenticator } from '../services/apiKeys/authenticate.ts';
import { findKey } from '../services/apiKeys/findKey.ts';
import { RefusalLog } from '../services/apiKeys/refusalLog.ts';
import { UsageCounter } from '../services/apiKeys/usage/counter.ts';
import { createSubjectKeys } from '../services/audit/subjectKeys.ts';
import type { SubjectKeys } from '../services/audit/subjectKeys.ts';
import { createAuth } from '../services/auth/createAuth.ts';
import type { Auth } from '../services/auth/createAuth.ts';
import { createDerivedKeys } from '../services/crypto/derivedKeys.ts';
import type { DerivedKeys } from '../services/crypto/derivedKeys.ts';
import { createVault } from '../services/crypto/vault.ts';
import type { MasterVault } from '../services/crypto/vault.ts';
import { ExampleMaker } from '../services/eventTypes/example/maker.ts';
import { OwnTypes } from '../services/eventTypes/ownTypes.ts';
import { KnownWorkspaces } from '../services/workspaces/knownWorkspaces.ts';
import { EventPublisher } from '../services/events/publisher.ts';
import { createServiceStates } from '../services/health/services.ts';
import type { ServiceStates } from '../services/health/services.ts';
import type { OwnershipChecks } from '../services/webhooks/ownership/checks.ts';
import { Claimer } from '../services/idempotency/claimer.ts';
import { MailWaker } from '../services/mail/waker.ts';
import { configuredAddressGuard } from '../services/network/configuredAddressGuard.ts';
import { createTxtResolver } from '../services/network/txtResolver.ts';
import type { TxtResolver } from '../services/network/txtResolver.ts';
import type { AddressGuard } from '../services/network/addressGuard.ts';
import { settleWakes, stillPromised } from '../services/outbox/wakes.ts';
import { createMemoryRateLimiter, createPostgresRateLimiter, onceLoaded } from '../services/rateLimit/rateLimiter.ts';
import type { RateLimiter } from '../services/rateLimit/rateLimiter.ts';
import { EventMeter } from '../services/usage/eventMeter.ts';
import { wakeEndpoint, wakeExpress } from '../services/webhooks/lifecycle.ts';
import { notifyWakes, wakeNotice } from '../services/webhooks/notifyWakes.ts';
import { EndpointWaker, signalEveryMs } from '../services/webhooks/waker.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { listenForChanges } from './listenForChanges.ts';
import { createLogger } from './logger.ts';
import type { Logger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import { createOwnershipChecks } from './ownership.ts';
import { readReporterKeys } from './reporterKeys.ts';
import type { ReporterKeys } from './reporterKeys.ts';

/** What the API process is made of. */
export interface Deps {
  config: Config;
  logger: Logger;
  clock: Clock;
  /** Pool of artisan_app: every tenant row goes through it, fenced. */
  knex: Knex;
  /** Over it Postgres says what the caches of this process must forget. */
  changes: Listener;
  /** Claims the Idempotency-Keys of requests. */
  claimer: Claimer;
  vault: MasterVault;
  derivedKeys: DerivedKeys;
  subjectKeys: SubjectKeys;
  /** Connects with its first call and again by itself: the API starts and publishes while Temporal is away. */
  temporal: Client;
  addressGuard: AddressGuard;
  resolveTxt: TxtResolver;
  ownership: OwnershipChecks;
  rateLimiter: RateLimiter;
  metrics: Metrics;
  authenticator: Authenticator;
  keyRefusals: RefusalLog;
  keyUsage: UsageCounter;
  /** Who may report leaked keys. */
  reporters: ReporterKeys;
  eventMeter: EventMeter;
  /** Sessions of people. */
  auth: Auth;
  publisher: EventPublisher;
  ownTypes: OwnTypes;
  knownWorkspaces: KnownWorkspaces;
  examples: ExampleMaker;
  waker: EndpointWaker;
  /** Has mails sent that enqueueMail put on record, after the commit. */
  mail: MailWaker;
  serviceStates: () => Promise<ServiceStates>;
  /** Aborted when the process begins to stop: every answer from then on ends its connection. */
  stopping: AbortController;
}

const STATEMENT_TIMEOUT_MS = 10_000;
/** How long events that were published wait to be counted: so much may be lost in a crash, and so much may go beyond the plan. */
const METER_EVERY_MS = 5_000;
/** How long wake-ups on their way may take at the end (the relay repeats what is cut off), and the last counts of requests. */
const WAKE_GRACE_MS = 2_000;

/** Puts the parts together; connects to nothing that must be there. Throws when DATABASE_URL or TEMPORAL_ADDRESS is not set. */
export function createDeps(config: Config, clock: Clock = systemClock): Deps {
  const databaseUrl = required(config, 'DATABASE_URL');
  const logger = createLogger(config.LOG_LEVEL, 'api');
  const metrics = createMetrics();
  const knex = createKnex(databaseUrl, {
    max: config.DATABASE_POOL_MAX,
    applicationName: 'artisan api',
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  const vault = createVault(config.ENCRYPTION_KEYS, { dataKeysFreshMs: config.DATA_KEY_CACHE_SECONDS * 1_000 });
  const subjectKeys = createSubjectKeys(vault);
  const temporal = createTemporal(config);
  const authenticator = createAuthenticator({ pepper: config.API_KEY_PEPPER, findKey: (keyId) => findKey(knex, keyId) });
  const derivedKeys = createDerivedKeys(knex, vault);
  const auth = createAuth({ config, knex, vault, derivedKeys, clock, logger });
  const addressGuard = configuredAddressGuard(config);
  const rateLimiter = createRateLimiter(config, knex, logger);
  const waker = createWaker(config, { knex, temporal, logger });
  return {
    config,
    logger,
    clock,
    knex,
    claimer: new Claimer(knex, new Presence(databaseUrl)),
    vault,
    derivedKeys,
    subjectKeys,
    temporal,
    addressGuard,
    resolveTxt: createTxtResolver(config.DOMAIN_DNS_SERVERS),
    ownership: createOwnershipChecks(addressGuard, rateLimiter, clock),
    rateLimiter,
    metrics,
    authenticator,
    auth,
    keyRefusals: new RefusalLog({ knex, clock, vault, subjectKeys, logger }),
    reporters: readReporterKeys(config.LEAK_REPORT_KEYS ?? '') ?? new Map(),
    keyUsage: createKeyUsage(config, { knex, metrics, logger }),
    eventMeter: new EventMeter({ clock, logger, record: (counts) => recordEventUsage(knex, counts), everyMs: METER_EVERY_MS }),
    publisher: createPublisher({ knex, clock, vault, subjectKeys, waker, metrics }),
    ownTypes: new OwnTypes({ inTenant: tenantTransactions(knex) }),
    knownWorkspaces: new KnownWorkspaces({ inTenant: tenantTransactions(knex) }),
    examples: new ExampleMaker(),
    waker,
    mail: new MailWaker({ temporal, logger }),
    stopping: new AbortController(),
    serviceStates: createServiceStates({ knex, temporal, now: () => clock.now().getTime() }),
    changes: listenForChanges(databaseUrl, { authenticator, auth, vault, logger }),
  };
}

/** Lets what was accepted be written, then closes connections. Call it when no request is running any more. */
export async function closeDeps(deps: Deps): Promise<void> {
  await deps.publisher.drain();
  await Promise.race([Promise.all([deps.keyUsage.flush(), deps.eventMeter.flush()]), sleep(WAKE_GRACE_MS, undefined, { ref: false })]);
  await Promise.race([Promise.all([deps.waker.close(), deps.mail.close()]), sleep(WAKE_GRACE_MS, undefined, { ref: false })]);
  await Promise.allSettled([
    deps.changes.close(),
    deps.rateLimiter.close(),
    deps.ownership.close(),
    deps.examples.close(),
    deps.temporal.connection.close(),
    deps.claimer.close(),
  ]);
  await deps.knex.destroy();
}

function createTemporal(config: Config): Client {
  const connection = Connection.lazy({
    address: required(config, 'TEMPORAL_ADDRESS'),
    // No retries behind our back: a request is answered 503 at once, a lost wake-up is the relay's, and nothing runs on after close().
    interceptors: [],
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 250, 'grpc.max_reconnect_backoff_ms': 5_000 },
  });
  return new Client({ connection, namespace: config.TEMPORAL_NAMESPACE });
}

function createWaker(config: Config, { knex, temporal, logger }: Pick<Deps, 'knex' | 'temporal' | 'logger'>): EndpointWaker {
  return new EndpointWaker({
    logger,
    signalEveryMs: signalEveryMs(config.WEBHOOK_LINGER_SECONDS),
    notify: (payload) => notifyWakes(knex, payload),
    signal: (ref) => wakeEndpoint(temporal, ref),
    signalExpress: (shard) => wakeExpress(temporal, shard),
    settle: (orgId, outboxIds) => withTenant(knex, orgId, (trx) => settleWakes(trx, orgId, outboxIds)),
    stillPromised: (orgId, outboxIds) => withTenant(knex, orgId, (trx) => stillPromised(trx, orgId, outboxIds)),
  });
}

function createRateLimiter({ RATE_LIMIT_STORE: store, REDIS_URL: url }: Config, knex: Knex, logger: Logger): RateLimiter {
  if (store === 'redis' && url !== undefined) {
    // The client is loaded by who uses it only.
    return onceLoaded(import('../services/rateLimit/redisRateLimiter.ts').then((module) => module.createRedisRateLimiter(url, logger)));
  }
  return store === 'postgres' ? createPostgresRateLimiter(knex) : createMemoryRateLimiter();
}

function createKeyUsage(config: Config, { knex, metrics, logger }: Pick<Deps, 'knex' | 'metrics' | 'logger'>): UsageCounter {
  return new UsageCounter({
    write: (counts, times) => recordKeyUsage(knex, counts, times),
    everySeconds: config.USAGE_FLUSH_SECONDS,
    logger,
    dropped: metrics.keyUsageDropped,
  });
}

/** Transactions fenced to an organization, with the errors of the database mapped. */
function tenantTransactions(knex: Knex) {
  return <T>(orgId: string, work: (trx: Knex.Transaction) => Promise<T>): Promise<T> => mapped(withTenant(knex, orgId, work));
}

/** The same for statements that are sent without waiting. */
function tenantPipelines(knex: Knex) {
  return <T>(orgId: string, work: (pipeline: TenantPipeline) => Promise<T>): Promise<T> => mapped(withPipeline(knex, orgId, work));
}

async function mapped<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toAppError(error);
  }
}

function createPublisher(deps: Pick<Deps, 'knex' | 'clock' | 'vault' | 'subjectKeys' | 'waker' | 'metrics'>): EventPublisher {
  const { knex, clock, vault, subjectKeys, waker, metrics } = deps;
  return new EventPublisher({
    clock,
    audit: { clock, subjectKeys },
    claims: { vault },
    inTenant: tenantPipelines(knex),
    hint(wakes) {
      const payload = waker.hint(wakes);
      return payload === null ? null : wakeNotice(payload);
    },
    wake: (wakes, hinted) => waker.wake(wakes, hinted),
    observeBatch: (requests) => metrics.publishBatch.observe(requests),
  });
}

function required(config: Config, name: 'DATABASE_URL' | 'TEMPORAL_ADDRESS'): string {
  const value = config[name];
  if (value === undefined) throw new Error(`${name} is not set. \`npm start\` provides one; a process started by itself needs its own.`);
  return value;
}
