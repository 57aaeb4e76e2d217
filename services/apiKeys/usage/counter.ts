import type { Counter } from 'prom-client';
import { CommitInDoubt } from '../../../db/queries/commitInDoubt.ts';
import type { Logger } from '../../../server/logger.ts';

/** One request whose key was genuine. */
export interface KeyRequest {
  orgId: string;
  keyId: string;
  /** Operation id. */
  operation: string;
  status: number;
  at: Date;
  /** Not refused as a credential: it counts as use. */
  accepted: boolean;
  ip: string;
}

/** Requests of one key on one day (UTC) to one operation with one class of status, as record_api_key_usage() reads them. */
export interface UsageCount {
  org_id: string;
  key_id: string;
  day: string;
  operation: string;
  status_class: number;
  requests: number;
}

export interface UsageTimes {
  org_id: string;
  key_id: string;
  first_at: Date;
  last_at: Date;
  ip: string;
}

interface CounterDeps {
  /** Adds these to what is stored, all or nothing. Throws CommitInDoubt when they may be there. */
  write: (counts: UsageCount[], times: UsageTimes[]) => Promise<void>;
  everySeconds: number;
  logger: Logger;
  /** Requests that were not counted because memory is bounded. */
  dropped: Counter;
}

interface Batch {
  counts: UsageCount[];
  times: UsageTimes[];
}

/** Different counts held at most, about 20 MB: many minutes of traffic while Postgres is away. */
const MAX_COUNTS = 50_000;

/**
 * Counts requests in memory; one writer adds them to the table every few seconds and at the end. A process that is killed loses
 * what it counted since; what could not be written is tried again with the next counts, and what may have been written only when it was not.
 */
export class UsageCounter {
  readonly #deps: CounterDeps;
  #counts = new Map<string, UsageCount>();
  #times = new Map<string, UsageTimes>();
  /** Its commit was not answered. */
  #inDoubt: (Batch & { error: CommitInDoubt }) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: CounterDeps) {
    this.#deps = deps;
  }

  count({ orgId, keyId, operation, status, at, accepted, ip }: KeyRequest): void {
    const day = at.toISOString().slice(0, 10);
    this.#add({ org_id: orgId, key_id: keyId, day, operation, status_class: Math.floor(status / 100), requests: 1 });
    if (accepted) this.#see({ org_id: orgId, key_id: keyId, first_at: at, last_at: at, ip });
    this.#writeLater();
  }

  /** Writes what was counted so far, after a write that is under way. Never throws. */
  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  #writeLater(): void {
    this.#timer ??= setTimeout(() => void this.flush(), this.#deps.everySeconds * 1_000).unref();
  }

  async #write(): Promise<void> {
    let batch: Batch = { counts: [], times: [] };
    try {
      await this.#settle();
      batch = { counts: [...this.#counts.values()], times: [...this.#times.values()] };
      if (batch.counts.length === 0) return;
      this.#counts = new Map();
      this.#times = new Map();
      await this.#deps.write(batch.counts, batch.times);
    } catch (error) {
      const line = { err: error, counts: batch.counts.length };
      this.#deps.logger.warn(line, 'usage of API keys could not be written, it is kept for the next time');
      if (error instanceof CommitInDoubt) this.#inDoubt = { ...batch, error };
      else this.#keep(batch);
      this.#writeLater();
    }
  }

  /** Finds out what became of a commit that was not answered. Throws while that cannot be told. */
  async #settle(): Promise<void> {
    if (this.#inDoubt === null) return;
    const { error, ...batch } = this.#inDoubt;
    const committed = await error.isCommitted();
    this.#inDoubt = null;
    if (!committed) this.#keep(batch);
  }

  #keep({ counts, times }: Batch): void {
    for (const count of counts) this.#add(count);
    for (const seen of times) this.#see(seen);
  }

  #add(count: UsageCount): void {
    const place = `${count.key_id} ${count.day} ${count.status_class} ${count.operation}`;
    const known = this.#counts.get(place);
    if (known) known.requests += count.requests;
    else if (this.#counts.size < MAX_COUNTS) this.#counts.set(place, count);
    else this.#deps.dropped.inc(count.requests);
  }

  #see(seen: UsageTimes): void {
    const known = this.#times.get(seen.key_id);
    if (!known) {
      if (this.#times.size < MAX_COUNTS) this.#times.set(seen.key_id, { ...seen });
      return;
    }
    if (seen.first_at < known.first_at) known.first_at = seen.first_at;
    if (seen.last_at < known.last_at) return;
    known.last_at = seen.last_at;
    known.ip = seen.ip;
  }
}
