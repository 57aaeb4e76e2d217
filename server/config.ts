import { Resolver } from 'node:dns';
import { z } from 'zod';
import { readReporterKeys } from './reporterKeys.ts';

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const port = z.coerce.number().int().min(0).max(65_535);
const seconds = z.coerce.number().int().min(0);
const positive = z.coerce.number().int().min(1);

/** `v1:<base64 of 32 bytes>,v0:<…>`: the first key seals, every key opens. */
const encryptionKeys = z
  .string()
  .regex(
    /^[\w-]+:[A-Za-z0-9+/]{43}=(,[\w-]+:[A-Za-z0-9+/]{43}=)*$/,
    'expected "<id>:<base64 of 32 bytes>", several separated by commas, the newest first',
  );

/** Addresses with or without a port, judged by who will use them. */
const nameServers = z
  .string()
  .transform((text) => text.split(',').map((server) => server.trim()))
  .refine(areNameServers, 'expected addresses, each with a port if it is not 53, separated by commas: 10.0.0.2,[fd00::2]:5353');

const smtpUrl = z.url({ protocol: /^smtps?$/, error: 'expected smtps://host:465 or smtp://host:587, with user:password@ before the host' });
const mailFrom = z
  .string()
  .regex(/^[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>$|^[^<>@\s]+@[^<>@\s]+$/, 'expected an address, or a name and <an address>');

/**
 * Every setting of the product: name, default, meaning. The README's table and `.env.example` are generated from it.
 * A setting that is not here does not exist.
 */
export const ConfigSchema = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe('`production` refuses the conveniences of development'),
  HOST: z.string().default('127.0.0.1').describe('Address the API listens on'),
  PORT: port.default(3000).describe('Port of the API; 0 picks a free one'),
  PUBLIC_URL: z.url().optional().describe('Address under which clients reach the API, for OpenAPI and links'),
  APP_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address of your user interface, to which links in mails lead; unset: small pages that the API serves itself'),
  DATA_DIR: z.string().default('.data').describe('Where `npm start` keeps Postgres, Temporal and the generated secrets'),
  DATABASE_URL: z.string().optional().describe('Postgres as `artisan_app`; unset: `npm start` runs an embedded one'),
  DATABASE_SYSTEM_URL: z.string().optional().describe('Postgres as `artisan_system` (relay, sweeps)'),
  DATABASE_OWNER_URL: z.string().optional().describe('Postgres as `artisan_owner`, for migrations only'),
  DATABASE_POOL_MAX: positive.default(10).describe('Connections of each process as `artisan_app`'),
  DATABASE_PORT: port.default(0).describe('Port of the embedded Postgres; 0 picks a free one'),
  TEMPORAL_ADDRESS: z.string().optional().describe('Temporal frontend `host:port`; unset: `npm start` runs a dev server'),
  TEMPORAL_NAMESPACE: z.string().default('artisan').describe('Temporal namespace'),
  TEMPORAL_UI_PORT: port.default(8233).describe('Port of the Temporal Web UI that `npm start` runs'),
  TEMPORAL_PORT: port.default(0).describe('Port of the Temporal dev server; 0 picks a free one'),
  ENCRYPTION_KEYS: encryptionKeys.describe('Master keys for secrets at rest, newest first'),
  DATA_KEY_CACHE_SECONDS: positive
    .default(30)
    .describe('How long a process goes on with data keys that it read; a rotation waits twice as long'),
  API_KEY_PEPPER: z.string().min(32).describe('Secret mixed into the digest of every API key and recovery code; at least 32 characters'),
  PASSWORD_BREACH_CHECK: z
    .enum(['off', 'on'])
    .default('off')
    .describe('`on`: new passwords are looked for in a public list of stolen ones (k-anonymity); unreachable, it blocks nobody'),
  PASSWORD_BREACH_URL: z
    .url({ protocol: /^https?$/ })
    .default('https://api.pwnedpasswords.com/range/')
    .describe('Service asked by PASSWORD_BREACH_CHECK; speaks the range protocol of Have I Been Pwned'),
  SMTP_URL: smtpUrl
    .optional()
    .describe('Mail server: `smtps://user:password@host:465`, or `smtp://` with STARTTLS; unset: mails wait, and `npm start` runs a sink'),
  MAIL_FROM: mailFrom.default('Artisan Platform <no-reply@localhost>').describe('Sender of every mail: `Name <address>`'),
  MAIL_UI_PORT: port
    .optional()
    .describe('Port of the page on which `npm start` shows mails; unset: 8025, or a free one when that is taken'),
  WEBAUTHN_RP_ID: z
    .string()
    .optional()
    .describe(
      'Domain for which passkeys and security keys are made; unset: the host of `PUBLIC_URL`. Another one later makes them all useless',
    ),
  WEBAUTHN_ORIGINS: z.string().optional().describe('Origins of the pages that use them, comma-separated; unset: that of `PUBLIC_URL`'),
  WEBHOOK_ALLOW_INSECURE_LOOPBACK: flag.default(false).describe('Lets endpoints be `http://` on loopback; refused in production'),
  WEBHOOK_DNS_SERVERS: nameServers.optional().describe('Name servers asked for the hosts of endpoints; unset: those of the system'),
  DOMAIN_DNS_SERVERS: nameServers.optional().describe('Name servers asked for the records that prove domains; unset: those of the system'),
  WEBHOOK_LEASE_SECONDS: positive.default(30).describe('How long a claimed delivery belongs to a worker that gives no sign of life'),
  WEBHOOK_LINGER_SECONDS: seconds.default(5).describe('How long an idle delivery activity listens for more before it rests'),
  WORKER_MAX_ACTIVITIES: positive
    .default(400)
    .describe('Endpoints one worker process serves at a time; one organization alone may take half'),
  WORKER_PORT: port.default(0).describe('Port of the worker process for /health and /metrics; 0 picks a free one'),
  WORKER_SHUTDOWN_SECONDS: positive.default(15).describe('How long the worker waits for running activities when it stops'),
  WORKFLOW_BUNDLE_PATH: z.string().optional().describe('Prebuilt workflow bundle; unset: bundled at start'),
  RATE_LIMIT_STORE: z
    .enum(['memory', 'postgres', 'redis'])
    .default('memory')
    .describe('Where request counts live; `postgres` or `redis` when several API processes run'),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'expected redis://host:6379 or rediss://host:6379, with user:password@ before the host' })
    .optional()
    .describe('Redis that counts requests with RATE_LIMIT_STORE=redis; used for nothing else'),
  ORGANIZATION_RECOVERY_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(365)
    .default(30)
    .describe('How long an organization that was deleted can be restored, before its data is erased'),
  LEAK_REPORT_KEYS: z
    .string()
    .refine(
      (text) => readReporterKeys(text) !== null,
      'expected "<id>:<base64 of a public key, SPKI DER>" of ECDSA P-256 or Ed25519, several separated by commas',
    )
    .optional()
    .describe('Public keys of those who may report leaked API keys; unset: nobody'),
  USAGE_FLUSH_SECONDS: positive
    .default(10)
    .describe('How often the API writes down what keys were used for; a killed process loses so much of it'),
  CORS_ORIGINS: z.string().default('').describe('Origins that may call the API from a browser, comma-separated'),
  TRUST_PROXY: flag.default(false).describe('Take the client address from X-Forwarded-For'),
  METRICS_TOKEN: z.string().optional().describe('Bearer token for /metrics; unset: open to loopback only'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('Least severe level that is logged'),
  SHUTDOWN_SECONDS: positive.default(15).describe('How long the API waits for requests in flight when it stops'),
});

export type Config = z.infer<typeof ConfigSchema>;

/** Thrown with every fault of the environment at once. */
export class ConfigError extends Error {
  readonly faults: string[];

  constructor(faults: string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** Reads the environment once. Throws ConfigError naming every fault; empty variables count as unset. */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = ConfigSchema.safeParse(given);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  const faults = contradictions(parsed.data);
  if (faults.length > 0) throw new ConfigError(faults);
  return parsed.data;
}

function contradictions(config: Config): string[] {
  const faults: string[] = [];
  if (config.NODE_ENV === 'production' && config.WEBHOOK_ALLOW_INSECURE_LOOPBACK) {
    faults.push('WEBHOOK_ALLOW_INSECURE_LOOPBACK: must not be true when NODE_ENV=production');
  }
  if (config.NODE_ENV === 'production' && config.SMTP_URL !== undefined && config.MAIL_FROM.endsWith('@localhost>')) {
    faults.push('MAIL_FROM: must be an address of yours when SMTP_URL is set and NODE_ENV=production');
  }
  if (config.RATE_LIMIT_STORE === 'redis' && config.REDIS_URL === undefined) {
    faults.push('REDIS_URL: must be set when RATE_LIMIT_STORE=redis');
  }
  return [...faults, ...passkeyFaults(config)];
}

/** Origins from which no browser would use passkeys of the domain. */
function passkeyFaults({ WEBAUTHN_ORIGINS, WEBAUTHN_RP_ID, PUBLIC_URL }: Config): string[] {
  const host = PUBLIC_URL === undefined ? 'localhost' : new URL(PUBLIC_URL).hostname;
  const domain = WEBAUTHN_RP_ID ?? host;
  const origins = WEBAUTHN_ORIGINS?.split(',').map((origin) => origin.trim()) ?? [];
  const useless = origins.filter((origin) => !isSecureOriginOf(origin, domain));
  return useless.map((origin) => `WEBAUTHN_ORIGINS: "${origin}" is no https origin of ${domain} or below`);
}

function isSecureOriginOf(text: string, domain: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname } = new URL(text);
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost');
  return origin === text && (protocol === 'https:' || (protocol === 'http:' && isLocal)) && `.${hostname}`.endsWith(`.${domain}`);
}

function areNameServers(servers: string[]): boolean {
  try {
    new Resolver().setServers(servers);
    return true;
  } catch {
    return false;
  }
}

/** For a process's main file: prints the faults and exits 1 instead of throwing. */
export function loadConfigOrExit(): Config {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
