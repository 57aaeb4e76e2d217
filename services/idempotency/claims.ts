import { byteaArray, intArray, textArray, timeArray, uuidArray } from '../../db/binaryArrays.ts';
import { prepared } from '../../db/prepared.ts';
import type { Sender } from '../../db/prepared.ts';
import { AppError } from '../errors/AppError.ts';
import type { OrganizationVaults } from '../crypto/organizationVaults.ts';

/**
 * The right to run one request that carries an Idempotency-Key. `holder` and `lockedUntil` are the fence:
 * who was taken over cannot complete the claim any more.
 */
export interface IdempotencyClaim {
  orgId: string;
  credentialId: string;
  /** Operation id. */
  route: string;
  key: string;
  /** Presence of the process that runs it (db/presence.ts). */
  holder: string;
  lockedUntil: Date;
  /** What a repeat is answered with, cut to the route's schema. */
  present(status: number, body: unknown): string;
  /** Set by completeClaims, so that nobody completes it twice. */
  settled: boolean;
}

/** What storing and reading answers needs: they are sealed, because an answer may hold a secret that is shown once. */
export interface ClaimStore {
  vault: Pick<OrganizationVaults, 'of' | 'cached'>;
}

export interface ClaimedAnswer {
  claim: IdempotencyClaim;
  status: number;
  body: unknown;
}

export const answerContext = (claim: Pick<IdempotencyClaim, 'orgId' | 'credentialId' | 'route' | 'key'>): string =>
  `idempotency:${claim.orgId}:${claim.credentialId}:${claim.route}:${claim.key}`;

/**
 * Stores the answers of many claims with one statement, in the transaction that does their work: both are there, or neither.
 * All claims must be of the transaction's organization. Throws idempotency_in_flight when one was taken over meanwhile; the work must then roll back.
 */
export async function completeClaims(sender: Sender, answers: ClaimedAnswer[], { vault: vaults }: ClaimStore): Promise<void> {
  const [first] = answers;
  if (!first) return;
  const { orgId } = first.claim;
  // In a pipeline the statement is sent without waiting, as long as the keys are known.
  const vault = vaults.cached(orgId) ?? (await vaults.of(sender, orgId));
  const rows = answers.map(({ claim, status, body }) => ({
    ...claim,
    status,
    sealed: vault.seal(claim.present(status, body), answerContext(claim)),
  }));
  const result = await prepared(sender, 'complete-claims', COMPLETE, [
    uuidArray(rows.map((row) => row.orgId)),
    uuidArray(rows.map((row) => row.credentialId)),
    textArray(rows.map((row) => row.route)),
    textArray(rows.map((row) => row.key)),
    timeArray(rows.map((row) => row.lockedUntil)),
    intArray(rows.map((row) => row.status)),
    byteaArray(rows.map((row) => row.sealed)),
    uuidArray(rows.map((row) => row.holder)),
  ]);
  if (result.rowCount !== answers.length) {
    throw new AppError('idempotency_in_flight', {
      detail: 'Another request with this Idempotency-Key took over. Nothing was written by this one; send it again for the answer.',
      retryAfterSeconds: 1,
    });
  }
  for (const { claim } of answers) claim.settled = true;
}

const COMPLETE = `UPDATE idempotency_keys AS stored SET state = 'done', status = answer.status, sealed_answer = answer.sealed
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::int[], $7::bytea[], $8::uuid[])
    AS answer(org_id, credential_id, route, key, locked_until, status, sealed, holder)
 WHERE stored.org_id = answer.org_id AND stored.credential_id = answer.credential_id AND stored.route = answer.route
   AND stored.key = answer.key AND stored.state = 'in_flight' AND stored.locked_until = answer.locked_until
   AND stored.holder = answer.holder`;
