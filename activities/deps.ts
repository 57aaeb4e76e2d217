import { Client, Connection } from '@temporalio/client';
import type { Knex } from 'knex';
import { createKnex } from '../db/knex.ts';
import { listen } from '../db/listen.ts';
import type { Listener } from '../db/listen.ts';
import { Presence } from '../db/presence.ts';
import type { Clock } from '../server/clock.ts';
import { systemClock } from '../server/clock.ts';
import type { Config } from '../server/config.ts';
import { createLogger } from '../server/logger.ts';
import type { Logger } from '../server/logger.ts';
import { createSubjectKeys } from '../services/audit/subjectKeys.ts';
import type { SubjectKeys } from '../services/audit/subjectKeys.ts';
import { dataKeyChanges } from '../services/crypto/dataKeyChanges.ts';
import { createVault } from '../services/crypto/vault.ts';
import type { MasterVault } from '../services/crypto/vault.ts';
import { MailWaker } from '../services/mail/waker.ts';
import { createTxtResolver } from '../services/network/txtResolver.ts';
import type { TxtResolver } from '../services/network/txtResolver.ts';
import { configuredAddressGuard } from '../services/network/configuredAddressGuard.ts';
import { FairGate } from './fairness/fairGate.ts';
import { FairShare } from './fairness/fairShare.ts';
import { Turns } from './fairness/turns.ts';
import { createMailer } from './mail/mailer.ts';
import type { Mailer } from './mail/mailer.ts';
import { createWorkerMetrics } from './metrics.ts';
import type { WorkerMetrics } from './metrics.ts';
import { WebhookPoster } from './webhooks/postWebhook.ts';
import { WakeListener } from './webhooks/wakeListener.ts';

/** What the worker process is made of. */
export interface ActivityDeps {
  config: Config;
  logger: Logger;
  clock: Clock;
  /** Pool of artisan_app: every tenant row goes through it, fenced. */
  knex: Knex;
  /** Small pool of artisan_system, which sees all organizations: for the relay alone. */
  systemKnex: Knex;
  /** Stands for this process in Postgres: what it claimed is free when it is gone. */
  presence: Presence;
  vault: MasterVault;
  /** One connection hears of wake-ups and of what caches must forget. */
  changes: Listener;
  subjectKeys: SubjectKeys;
  temporal: Client;
  poster: WebhookPoster;
  wakes: WakeListener;
  metrics: WorkerMetrics;
  mailer: Mailer;
  resolveTxt: TxtResolver;
  /** Has mails sent that an activity put on record, after the commit. */
  mail: MailWaker;
  /** What tenants share in this process, and how (ADR 0057). */
  fair: { slots: FairShare; database: FairGate; turns: Turns };
  /** Aborted when the process begins to stop: activities finish what they have begun and take nothing new. */
  stopping: AbortSignal;
}

const STATEMENT_TIMEOUT_MS = 10_000;
const SYSTEM_CONNECTIONS = 2;

/** Puts the parts together; connects to nothing yet. Throws naming the setting that is missing. */
export function createActivityDeps(config: Config, stopping: AbortSignal): ActivityDeps {
  const databaseUrl = required(config, 'DATABASE_URL');
  const logger = createLogger(config.LOG_LEVEL, 'worker');
  const vault = createVault(config.ENCRYPTION_KEYS, { dataKeysFreshMs: config.DATA_KEY_CACHE_SECONDS * 1_000 });
  const pool = (url: string, max: number, applicationName: string): Knex =>
    createKnex(url, { max, applicationName, statementTimeoutMs: STATEMENT_TIMEOUT_MS });
  const temporal = new Client({
    connection: Connection.lazy({ address: required(config, 'TEMPORAL_ADDRESS') }),
    namespace: config.TEMPORAL_NAMESPACE,
  });
  const wakes = new WakeListener();
  return {
    config,
    logger,
    clock: systemClock,
    knex: pool(databaseUrl, config.DATABASE_POOL_MAX, 'artisan worker'),
    systemKnex: pool(required(config, 'DATABASE_SYSTEM_URL'), SYSTEM_CONNECTIONS, 'artisan worker system'),
    presence: new Presence(databaseUrl),
    vault,
    changes: listen({ url: databaseUrl, channels: [wakes.channel, dataKeyChanges(vault)], logger }),
    subjectKeys: createSubjectKeys(vault),
    temporal,
    poster: new WebhookPoster(configuredAddressGuard(config)),
    wakes,
    metrics: createWorkerMetrics(),
    mailer: createMailer(config),
    resolveTxt: createTxtResolver(config.DOMAIN_DNS_SERVERS),
    mail: new MailWaker({ temporal, logger }),
    fair: {
      slots: new FairShare(config.WORKER_MAX_ACTIVITIES),
      database: new FairGate(config.DATABASE_POOL_MAX),
      turns: new Turns(),
    },
    stopping,
  };
}

export async function closeActivityDeps(deps: ActivityDeps): Promise<void> {
  await deps.mail.close();
  deps.mailer.close();
  await Promise.allSettled([deps.changes.close(), deps.presence.close(), deps.poster.close(), deps.temporal.connection.close()]);
  await Promise.allSettled([deps.knex.destroy(), deps.systemKnex.destroy()]);
}

function required(config: Config, name: 'DATABASE_URL' | 'DATABASE_SYSTEM_URL' | 'TEMPORAL_ADDRESS'): string {
  const value = config[name];
  if (value === undefined) throw new Error(`${name} is not set. \`npm start\` provides one; a process started by itself needs its own.`);
  return value;
}
