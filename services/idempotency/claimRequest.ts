import type { Knex } from 'knex';
import type { Clock } from '../../server/clock.ts';
import { toAppError } from '../../db/errors.ts';
import { withTenant } from '../../db/tenancy.ts';
import type { MasterVault } from '../crypto/vault.ts';
import { AppError } from '../errors/AppError.ts';
import { answerContext, completeClaims } from './claims.ts';
import type { ClaimedAnswer, IdempotencyClaim } from './claims.ts';

export interface IdempotencyDeps {
  knex: Knex;
  vault: MasterVault;
  clock: Clock;
}

export interface ClaimRequest extends Pick<IdempotencyClaim, 'orgId' | 'credentialId' | 'route' | 'key' | 'present'> {
  /** HMAC-SHA-256 over what makes the request the same one. */
  fingerprint: Buffer;
}

/** Longer than any request may take; a process that dies blocks its keys for no longer than this. */
const LOCK_MS = 30_000;
const KEEP_MS = 24 * 3_600_000;
const RETRY_AFTER_SECONDS = 1;

interface StoredRow {
  fingerprint: Buffer;
  state: 'in_flight' | 'done';
  status: number | null;
  sealed_answer: Buffer | null;
}

/**
 * The right to run a request, or the answer it got before. Takes over a claim whose holder died, and what is older than a day.
 * Throws idempotency_mismatch when the key belongs to another request, idempotency_in_flight while it runs.
 */
export async function claimRequest(
  deps: IdempotencyDeps,
  request: ClaimRequest,
): Promise<{ claim: IdempotencyClaim } | { replay: { status: number; text: string } }> {
  const lockedUntil = new Date(deps.clock.now().getTime() + LOCK_MS);
  const { stored, vault } = await inOrganization(deps, request.orgId, async (trx) => ({
    stored: await insertOrRead(trx, request, lockedUntil, deps.clock.now()),
    vault: await deps.vault.of(trx, request.orgId),
  }));
  if (stored === null) {
    const { orgId, credentialId, route, key, present } = request;
    return { claim: { orgId, credentialId, route, key, lockedUntil, present, settled: false } };
  }
  if (!stored.fingerprint.equals(request.fingerprint)) {
    throw new AppError('idempotency_mismatch', {
      detail: 'This Idempotency-Key was used with another path, query or body in the last 24 hours. Use a new key for a new request.',
    });
  }
  if (stored.state === 'in_flight' || stored.status === null || stored.sealed_answer === null) {
    throw new AppError('idempotency_in_flight', { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
  return { replay: { status: stored.status, text: vault.open(stored.sealed_answer, answerContext(request)).toString('utf8') } };
}

/** Stores an answer whose work is committed already. A crash in between leaves the key to be claimed again. */
export async function completeClaim(deps: IdempotencyDeps, answer: ClaimedAnswer): Promise<void> {
  await inOrganization(deps, answer.claim.orgId, (trx) => completeClaims(trx, [answer], deps));
}

/** Gives the key back after a failure. Leaves alone an answer that was committed after all, and a claim that was taken over. */
export async function releaseClaim(deps: IdempotencyDeps, claim: IdempotencyClaim): Promise<void> {
  await inOrganization(deps, claim.orgId, (trx) =>
    trx('idempotency_keys')
      .where({ org_id: claim.orgId, credential_id: claim.credentialId, route: claim.route, key: claim.key })
      .where({ state: 'in_flight', locked_until: claim.lockedUntil })
      .delete(),
  );
}

/** null: the key is claimed now. */
async function insertOrRead(trx: Knex.Transaction, request: ClaimRequest, lockedUntil: Date, now: Date): Promise<StoredRow | null> {
  const { orgId, credentialId, route, key, fingerprint } = request;
  const inserted = await trx.raw<{ rowCount: number }>(
    `INSERT INTO idempotency_keys AS known (org_id, credential_id, route, key, fingerprint, state, locked_until, created_at, expires_at)
     VALUES (:orgId, :credentialId, :route, :key, :fingerprint, 'in_flight', :lockedUntil, :now, :expiresAt)
     ON CONFLICT (org_id, credential_id, route, key) DO UPDATE
       SET fingerprint = excluded.fingerprint, state = 'in_flight', locked_until = excluded.locked_until, status = NULL,
           sealed_answer = NULL, created_at = excluded.created_at, expires_at = excluded.expires_at
       WHERE known.expires_at <= :now OR (known.state = 'in_flight' AND known.locked_until <= :now)`,
    { orgId, credentialId, route, key, fingerprint, lockedUntil, now, expiresAt: new Date(now.getTime() + KEEP_MS) },
  );
  if (inserted.rowCount === 1) return null;
  const row: unknown = await trx('idempotency_keys').where({ org_id: orgId, credential_id: credentialId, route, key }).first();
  // Given back between the two statements: the caller may try again at once.
  return (row as StoredRow | undefined) ?? { fingerprint, state: 'in_flight', status: null, sealed_answer: null };
}

async function inOrganization<T>({ knex }: IdempotencyDeps, orgId: string, work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
  try {
    return await withTenant(knex, orgId, work);
  } catch (error) {
    throw toAppError(error);
  }
}
