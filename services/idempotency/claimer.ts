import type { Knex } from 'knex';
import { byteaArray, textArray, uuidArray } from '../../db/binaryArrays.ts';
import { toAppError } from '../../db/errors.ts';
import { withPipeline } from '../../db/pipeline.ts';
import { prepared } from '../../db/prepared.ts';
import { isGone } from '../../db/presence.ts';
import type { Presence } from '../../db/presence.ts';
import { AppError } from '../errors/AppError.ts';
import type { IdempotencyClaim } from './claims.ts';

export interface ClaimRequest extends Pick<IdempotencyClaim, 'orgId' | 'credentialId' | 'route' | 'key' | 'present'> {
  /** HMAC-SHA-256 over what makes the request the same one. */
  fingerprint: Buffer;
}

/** Longer than any request may take: a process that is stopped, or whose machine vanished, blocks its keys for no longer than this. */
const LOCK_MS = 30_000;
const KEEP_MS = 24 * 3_600_000;
const BATCH = 500;
/** For a row that somebody else has: who completes a claim at this moment holds it for milliseconds. Stopped at that moment it holds it for longer. */
const WAIT_MS = 500;
/** For each part of a batch in which a row was waited for in vain, and for all of its parts together. */
const WAIT_AGAIN_MS = 20;
const SPLIT_MS = 2_000;
/** What may wait in all: beyond it, answering 503 is kinder than a queue that only grows. */
const MAX_WAITING = 10_000;
const LOCK_NOT_AVAILABLE = '55P03';

// In order, so that two processes that claim the same keys do not wait for each other.
// Claims nothing when the session that stands for us is gone: whatever we claimed would be anybody's.
const CLAIM = `WITH us AS MATERIALIZED (SELECT set_config('lock_timeout', $10, true), ${isGone('$2::uuid')} AS gone),
claimed AS (
  INSERT INTO idempotency_keys AS known (org_id, credential_id, route, key, fingerprint, state, holder, locked_until, created_at, expires_at)
  SELECT $1::uuid, asked.credential_id, asked.route, asked.key, asked.fingerprint, 'in_flight', $2::uuid, $3::timestamptz, $4::timestamptz, $5::timestamptz
    FROM us, unnest($6::uuid[], $7::text[], $8::text[], $9::bytea[]) AS asked(credential_id, route, key, fingerprint)
   WHERE NOT us.gone
   ORDER BY asked.credential_id, asked.route, asked.key
  ON CONFLICT (org_id, credential_id, route, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, state = 'in_flight', holder = excluded.holder, locked_until = excluded.locked_until,
        status = NULL, sealed_answer = NULL, created_at = excluded.created_at, expires_at = excluded.expires_at
    WHERE known.expires_at <= excluded.created_at
       OR (known.state = 'in_flight' AND (known.locked_until <= excluded.created_at OR ${isGone('known.holder')}))
  RETURNING credential_id, route, key)
SELECT us.gone, claimed.credential_id, claimed.route, claimed.key FROM us LEFT JOIN claimed ON true`;

/** One at least: without a name when nothing was claimed. */
interface ClaimedRow {
  gone: boolean;
  credential_id: string | null;
  route: string | null;
  key: string | null;
}

interface Waiting {
  request: ClaimRequest;
  now: Date;
  resolve: (claim: IdempotencyClaim | null) => void;
  reject: (error: unknown) => void;
}

const nameOf = ({ credentialId, route, key }: Pick<ClaimRequest, 'credentialId' | 'route' | 'key'>): string =>
  `${credentialId} ${route} ${key}`;

/**
 * Claims share a commit as what is published does (ADR 0052): those that arrive while an organization's previous claims are being written
 * are written together. A lone one waits for nobody, and however many requests arrive, they ask for one connection.
 */
export class Claimer {
  readonly #knex: Knex;
  readonly #presence: Pick<Presence, 'id' | 'leave' | 'close'>;
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #writing = new Set<string>();
  #count = 0;

  /** `knex`: artisan_app's pool. `presence` is closed with it. */
  constructor(knex: Knex, presence: Pick<Presence, 'id' | 'leave' | 'close'>) {
    this.#knex = knex;
    this.#presence = presence;
  }

  /**
   * Takes over a claim whose holder is gone or held it for too long, and what is older than a day. null: there is a row that may not be taken over.
   * Throws idempotency_in_flight when its holder is just completing it and does not go on, service_unavailable.
   */
  claim(request: ClaimRequest, now: Date): Promise<IdempotencyClaim | null> {
    if (this.#count >= MAX_WAITING) {
      return Promise.reject(new AppError('service_unavailable', { detail: 'Too many requests wait.', retryAfterSeconds: 1 }));
    }
    return new Promise((resolve, reject) => {
      this.#count += 1;
      const queue = this.#waiting.get(request.orgId) ?? [];
      queue.push({ request, now, resolve, reject });
      this.#waiting.set(request.orgId, queue);
      if (!this.#writing.has(request.orgId)) void this.#writeAll(request.orgId, queue);
    });
  }

  /** Ends what stands for this process: call it when nothing that it claimed is running any more. */
  close(): Promise<void> {
    return this.#presence.close();
  }

  async #writeAll(orgId: string, queue: Waiting[]): Promise<void> {
    this.#writing.add(orgId);
    while (queue.length > 0) {
      const batch = takeDistinct(queue);
      await this.#writeOrSplit(orgId, batch);
      this.#count -= batch.length;
    }
    this.#waiting.delete(orgId);
    this.#writing.delete(orgId);
  }

  /** Never rejects: each of the batch is answered. `again`: since when (ms) parts of it are tried; a lone one that is waited for in vain is in flight. */
  async #writeOrSplit(orgId: string, batch: Waiting[], again?: number): Promise<void> {
    if (again !== undefined && performance.now() - again > SPLIT_MS) return rejectAll(batch, tooManyInFlight());
    try {
      const claims = await this.#write(orgId, batch, again === undefined ? WAIT_MS : WAIT_AGAIN_MS);
      for (const { request, resolve } of batch) resolve(claims.get(nameOf(request)) ?? null);
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) return rejectAll(batch, toAppError(error));
      if (batch.length === 1) return rejectAll(batch, inFlight());
      await this.#writeHalves(orgId, batch, again ?? performance.now());
    }
  }

  /** Which row was waited for in vain is not told. One half after the other: however many rows are held, that takes one connection. */
  async #writeHalves(orgId: string, batch: Waiting[], since: number): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await this.#writeOrSplit(orgId, batch.slice(0, middle), since);
    await this.#writeOrSplit(orgId, batch.slice(middle), since);
  }

  /** Present under another id when nobody is under the one before, whose session was lost without a word. */
  async #write(orgId: string, batch: Waiting[], waitMs: number): Promise<Map<string, IdempotencyClaim>> {
    for (let entered = 0; entered < 2; entered += 1) {
      const holder = await this.#presence.id();
      const claims = await this.#writeAs(holder, orgId, batch, waitMs);
      if (claims !== null) return claims;
      this.#presence.leave(holder);
    }
    throw new AppError('service_unavailable', { detail: 'No session of Postgres stands for this process.', retryAfterSeconds: 2 });
  }

  /** null when `holder` is gone; nothing is claimed then. */
  async #writeAs(holder: string, orgId: string, batch: Waiting[], waitMs: number): Promise<Map<string, IdempotencyClaim> | null> {
    const now = batch.at(-1)!.now;
    const lockedUntil = new Date(now.getTime() + LOCK_MS);
    const requests = batch.map(({ request }) => request);
    const expiresAt = new Date(now.getTime() + KEEP_MS);
    const asked = [
      uuidArray(requests.map(({ credentialId }) => credentialId)),
      textArray(requests.map(({ route }) => route)),
      textArray(requests.map(({ key }) => key)),
      byteaArray(requests.map(({ fingerprint }) => fingerprint)),
    ];
    const values = [orgId, holder, lockedUntil, now, expiresAt, ...asked, `${waitMs}ms`];
    const { rows } = await withPipeline(this.#knex, orgId, async (pipeline) => {
      const claimed = prepared<ClaimedRow>(pipeline, 'claim-requests', CLAIM, values);
      void pipeline.commit();
      return claimed;
    });
    if (rows[0]?.gone !== false) return null;
    const claimed = new Set(rows.map(({ credential_id: credentialId, route, key }) => `${credentialId} ${route} ${key}`));
    const mine = requests.filter((request) => claimed.has(nameOf(request)));
    return new Map(
      mine.map(({ fingerprint: _fingerprint, ...request }) => [nameOf(request), { ...request, holder, lockedUntil, settled: false }]),
    );
  }
}

/** The first ones, each key once: a statement may write a row once only, and who comes second finds it claimed. */
function takeDistinct(queue: Waiting[]): Waiting[] {
  const batch = new Map<string, Waiting>();
  const later: Waiting[] = [];
  for (const waiting of queue.splice(0, BATCH)) {
    const name = nameOf(waiting.request);
    if (batch.has(name)) later.push(waiting);
    else batch.set(name, waiting);
  }
  queue.unshift(...later);
  return [...batch.values()];
}

function rejectAll(batch: Waiting[], error: unknown): void {
  for (const { reject } of batch) reject(error);
}

const tooManyInFlight = (): AppError =>
  new AppError('service_unavailable', { detail: 'Too many requests beside this one are being completed.', retryAfterSeconds: 1 });

export const inFlight = (): AppError => new AppError('idempotency_in_flight', { retryAfterSeconds: 1 });
