import type { Knex } from 'knex';
import type { Clock } from '../../server/clock.ts';
import { toAppError } from '../../db/errors.ts';
import { withPipeline } from '../../db/pipeline.ts';
import type { TenantPipeline } from '../../db/pipeline.ts';
import { prepared } from '../../db/prepared.ts';
import type { MasterVault } from '../crypto/vault.ts';
import { AppError } from '../errors/AppError.ts';
import { inFlight } from './claimer.ts';
import type { Claimer, ClaimRequest } from './claimer.ts';
import { answerContext } from './claims.ts';
import type { IdempotencyClaim } from './claims.ts';

export interface IdempotencyDeps {
  knex: Knex;
  vault: MasterVault;
  clock: Clock;
  claimer: Claimer;
}

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
  const claim = await deps.claimer.claim(request, deps.clock.now());
  return claim === null ? { replay: await readStored(deps, request) } : { claim };
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

async function mapped<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toAppError(error);
  }
}
