import type { Knex } from 'knex';
import type { Clock } from '../../server/clock.ts';
import { toAppError } from '../../db/errors.ts';
import { withPipeline } from '../../db/pipeline.ts';
import type { TenantPipeline } from '../../db/pipeline.ts';
import { prepared } from '../../db/prepared.ts';
import { isGone } from '../../db/presence.ts';
import type { Presence } from '../../db/presence.ts';
import type { MasterVault } from '../crypto/vault.ts';
import { AppError } from '../errors/AppError.ts';
import { answerContext } from './claims.ts';
import type { IdempotencyClaim } from './claims.ts';

export interface IdempotencyDeps {
  knex: Knex;
  vault: MasterVault;
  clock: Clock;
  presence: Presence;
}

export interface ClaimRequest extends Pick<IdempotencyClaim, 'orgId' | 'credentialId' | 'route' | 'key' | 'present'> {
  /** HMAC-SHA-256 over what makes the request the same one. */
  fingerprint: Buffer;
}

/** Longer than any request may take: a process that is stopped, or whose machine vanished, blocks its keys for no longer than this. */
const LOCK_MS = 30_000;
const KEEP_MS = 24 * 3_600_000;
const RETRY_AFTER_SECONDS = 1;

// Who completes the claim at this moment holds its row for milliseconds. Stopped at that moment it holds it for longer: nobody waits for that.
const CLAIM = `WITH bounded AS MATERIALIZED (SELECT set_config('lock_timeout', '1s', true))
  INSERT INTO idempotency_keys AS known (org_id, credential_id, route, key, fingerprint, state, holder, locked_until, created_at, expires_at)
  SELECT $1::uuid, $2::uuid, $3, $4, $5::bytea, 'in_flight', $6::uuid, $7::timestamptz, $8::timestamptz, $9::timestamptz FROM bounded
  ON CONFLICT (org_id, credential_id, route, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, state = 'in_flight', holder = excluded.holder, locked_until = excluded.locked_until,
        status = NULL, sealed_answer = NULL, created_at = excluded.created_at, expires_at = excluded.expires_at
    WHERE known.expires_at <= excluded.created_at
       OR (known.state = 'in_flight' AND (known.locked_until <= excluded.created_at OR ${isGone('known.holder')}))`;
const LOCK_NOT_AVAILABLE = '55P03';

const READ = `SELECT fingerprint, state, status, sealed_answer FROM idempotency_keys
  WHERE org_id = $1 AND credential_id = $2 AND route = $3 AND key = $4`;

interface StoredRow {
  fingerprint: Buffer;
  state: 'in_flight' | 'done';
  status: number | null;
  sealed_answer: Buffer | null;
}

/**
 * The right to run a request, or the answer it got before. Takes over a claim whose holder is gone or held it for too long, and what is older than
 * a day. Throws idempotency_mismatch when the key belongs to another request, idempotency_in_flight while it runs.
 */
export async function claimRequest(
  deps: IdempotencyDeps,
  request: ClaimRequest,
): Promise<{ claim: IdempotencyClaim } | { replay: { status: number; text: string } }> {
  const claim = await claimUnlessStored(deps, request);
  return claim === null ? { replay: await readStored(deps, request) } : { claim };
}

/** null: there is a row that may not be taken over. */
async function claimUnlessStored(deps: IdempotencyDeps, request: ClaimRequest): Promise<IdempotencyClaim | null> {
  const { orgId, credentialId, route, key, fingerprint, present } = request;
  const now = deps.clock.now();
  const lockedUntil = new Date(now.getTime() + LOCK_MS);
  const expiresAt = new Date(now.getTime() + KEEP_MS);
  try {
    const holder = await deps.presence.id();
    const values = [orgId, credentialId, route, key, fingerprint, holder, lockedUntil, now, expiresAt];
    const { rowCount } = await withPipeline(deps.knex, orgId, async (pipeline) => {
      const claimed = prepared(pipeline, 'claim-request', CLAIM, values);
      void pipeline.commit();
      return claimed;
    });
    return rowCount === 1 ? { orgId, credentialId, route, key, holder, lockedUntil, present, settled: false } : null;
  } catch (error) {
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) throw inFlight();
    throw toAppError(error);
  }
}

async function readStored({ knex, vault: vaults }: IdempotencyDeps, request: ClaimRequest): Promise<{ status: number; text: string }> {
  const { orgId, credentialId, route, key } = request;
  const { stored, vault } = await mapped(
    withPipeline(knex, orgId, async (pipeline: TenantPipeline) => ({
      stored: (await prepared<StoredRow>(pipeline, 'read-claim', READ, [orgId, credentialId, route, key])).rows[0],
      vault: await vaults.of(pipeline, orgId),
    })),
  );
  // Given back between the two transactions: the caller may try again at once.
  if (!stored) throw inFlight();
  if (!stored.fingerprint.equals(request.fingerprint)) {
    throw new AppError('idempotency_mismatch', {
      detail: 'This Idempotency-Key was used with another path, query or body in the last 24 hours. Use a new key for a new request.',
    });
  }
  if (stored.state === 'in_flight' || stored.status === null || stored.sealed_answer === null) throw inFlight();
  return { status: stored.status, text: vault.open(stored.sealed_answer, answerContext(request)).toString('utf8') };
}

const inFlight = (): AppError => new AppError('idempotency_in_flight', { retryAfterSeconds: RETRY_AFTER_SECONDS });

async function mapped<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toAppError(error);
  }
}
