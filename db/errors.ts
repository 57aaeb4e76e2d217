import { AppError } from '../services/errors/AppError.ts';
import type { ErrorCodeName } from '../services/errors/codes.ts';

interface DriverError extends Error {
  /** SQLSTATE of Postgres, or errno name of Node. */
  code?: string;
  constraint?: string;
}

/**
 * Seconds until a repeat makes sense. A server that is away is not asked for longer: it is back within seconds of a crash, requests are served
 * half a second after that (ADR 0073), and refusing one meanwhile costs nothing.
 */
const RETRY = { race: 1, busy: 2, away: 2 };

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SQLSTATES: Record<string, number> = {
  '25006': RETRY.away, // read-only transaction: a standby answered during a fail-over
  '25P03': RETRY.busy, // idle in transaction for too long
  '40001': RETRY.race,
  '40P01': RETRY.race,
  '55P03': RETRY.race, // lock timeout
  '57014': RETRY.busy, // statement timeout
  '57P01': RETRY.away,
  '57P02': RETRY.away,
  '57P03': RETRY.away,
  '57P05': RETRY.away,
};
const SQLSTATE_CLASSES: Record<string, number> = { '08': RETRY.away, '53': RETRY.busy };
const NETWORK = new Set(
  'ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT ENOENT ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ENETDOWN EHOSTDOWN'.split(' '),
);

/** pg gives these no code, so the text is all there is (pg/lib/client.js). knex puts the statement and " - " before it. */
const CODELESS =
  /(?:^| - )(?:Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|Connection ended|Query read timeout)/;

/** What a duplicate means to the caller. The guard checks that each of these constraints exists. */
export const UNIQUE_CONSTRAINTS: Record<string, { code: ErrorCodeName; detail: string }> = {
  organizations_slug_key: { code: 'conflict', detail: 'Another organization has this short name.' },
  organization_slugs_slug_digest_key: { code: 'conflict', detail: 'Another organization has or had this short name.' },
  users_email_key: { code: 'conflict', detail: 'Another user has this e-mail address.' },
  domains_verified_key: { code: 'domain_taken', detail: 'Another organization has verified this domain.' },
  memberships_org_id_user_id_key: { code: 'conflict', detail: 'This user is a member of the organization already.' },
  deliveries_org_id_event_id_endpoint_id_key: { code: 'conflict', detail: 'This event is on its way to this endpoint already.' },
  idempotency_keys_pkey: { code: 'idempotency_in_flight', detail: 'Another request with this Idempotency-Key came first.' },
};

/**
 * Turns what the database driver threw into what a caller can act on: service_unavailable with Retry-After when Postgres is
 * away, full or too slow; conflict for a known unique constraint. Anything else comes back unchanged and is a fault of ours.
 */
export function toAppError(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const native = nativeError(error);
  const retryAfterSeconds = retryAfter(native);
  if (retryAfterSeconds !== null) {
    return new AppError('service_unavailable', { retryAfterSeconds, cause: error, internal: { database: native.code ?? native.name } });
  }
  const known = native.code === '23505' ? UNIQUE_CONSTRAINTS[native.constraint ?? ''] : undefined;
  if (!known) return error;
  return new AppError(known.code, {
    detail: known.detail,
    cause: error,
    ...(known.code === 'idempotency_in_flight' && { retryAfterSeconds: 1 }),
  });
}

/** Objection wraps the driver's error. */
function nativeError(error: Error): DriverError {
  const { nativeError: native } = error as { nativeError?: unknown };
  return native instanceof Error ? native : error;
}

function retryAfter({ name, code, message }: DriverError): number | null {
  if (name === 'KnexTimeoutError') return RETRY.busy;
  if (code === undefined) return CODELESS.test(message) ? RETRY.away : null;
  if (NETWORK.has(code)) return RETRY.away;
  return SQLSTATES[code] ?? SQLSTATE_CLASSES[code.slice(0, 2)] ?? null;
}
