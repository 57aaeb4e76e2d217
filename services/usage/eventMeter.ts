import { LRUCache } from 'lru-cache';
import { CommitInDoubt } from '../../db/queries/commitInDoubt.ts';
import type { EventCount, EventUsage } from '../../db/queries/recordEventUsage.ts';
import type { Clock } from '../../server/clock.ts';
import type { Logger } from '../../server/logger.ts';
import { limitOf, limitOverrides } from '../limits/limits.ts';
import type { Limited } from '../limits/limits.ts';
import { limitReached } from '../limits/refusals.ts';
import { isPlan } from '../plans.ts';
import { createMonths } from './month.ts';

interface MeterDeps {
  clock: Clock;
  logger: Logger;
  /** Adds the counts and tells what is on record; all or nothing. Throws CommitInDoubt when they may have been added. */
  record: (counts: EventCount[]) => Promise<EventUsage[]>;
  everyMs: number;
}

/** What is known of an organization in this month. */
interface Known {
  month: string;
  /** On record when it was read: events of all processes. */
  events: number;
  limited: Limited;
}

const KNOWN_ORGANIZATIONS = 20_000;

/**
 * Counts the events of each organization by month, and refuses more than its plan has. Counts wait in memory and are added for all organizations
 * with one statement every few seconds, so that publishing writes no row for it. What that costs: a process that is killed loses the
 * counts of those seconds, and several processes may together accept some seconds' worth too many. A process that knows nothing of an organization lets it publish.
 */
export class EventMeter {
  readonly #deps: MeterDeps;
  readonly #monthOf = createMonths();
  readonly #known = new LRUCache<string, Known>({ max: KNOWN_ORGANIZATIONS });
  /** `org month` → what is not on record yet; 0: to be asked for only. */
  readonly #waiting = new Map<string, EventCount>();
  /** Their commit was not answered: they may be on record, and wait until that is known. */
  #inDoubt: { counts: EventCount[]; error: CommitInDoubt } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: MeterDeps) {
    this.#deps = deps;
  }

  /** Counts events that are about to be published. Throws plan_limit_reached. */
  take(orgId: string, events: number): void {
    const month = this.#monthOf(this.#deps.clock.now());
    const waiting = this.#waitingOf(orgId, month);
    const known = this.#known.get(orgId);
    if (known && known.month === month) {
      const limit = limitOf(known.limited, 'events_per_month');
      const used = known.events + waiting.added;
      if (limit !== null && used + events > limit) throw limitReached(known.limited, { name: 'events_per_month', limit, used });
    }
    waiting.added += events;
  }

  /** They were not published after all. */
  giveBack(orgId: string, events: number): void {
    this.#waitingOf(orgId, this.#monthOf(this.#deps.clock.now())).added -= events;
  }

  /** Adds what waits to what is on record, after a write that is under way. Never throws. */
  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  #waitingOf(orgId: string, month: string): EventCount {
    const place = `${orgId} ${month}`;
    let waiting = this.#waiting.get(place);
    if (!waiting) this.#waiting.set(place, (waiting = { orgId, month, added: 0 }));
    this.#timer ??= setTimeout(() => void this.flush(), this.#deps.everyMs).unref();
    return waiting;
  }

  async #write(): Promise<void> {
    let counts: EventCount[] = [];
    try {
      await this.#resolveDoubt();
      counts = [...this.#waiting.values()].map((count) => ({ ...count, added: Math.max(0, count.added) }));
      if (counts.length === 0) return;
      const usages = await this.#deps.record(counts);
      // What came meanwhile goes on waiting; what is on record counts there, so at no moment it is missing.
      for (const count of counts) this.#settle(count);
      for (const usage of usages) this.#learn(usage);
    } catch (error) {
      if (error instanceof CommitInDoubt) this.#inDoubt = { counts, error };
      this.#deps.logger.warn(
        { err: error, counts: counts.length },
        'counts of events could not be written, they are kept for the next time',
      );
      this.#timer ??= setTimeout(() => void this.flush(), this.#deps.everyMs).unref();
    }
  }

  /** Finds out what became of a commit that was not answered. Throws while that cannot be told. */
  async #resolveDoubt(): Promise<void> {
    if (this.#inDoubt === null) return;
    const { counts, error } = this.#inDoubt;
    const committed = await error.isCommitted();
    this.#inDoubt = null;
    if (!committed) return;
    for (const count of counts) {
      this.#settle(count);
      const known = this.#known.get(count.orgId);
      if (known?.month === count.month) known.events += count.added;
    }
  }

  #settle({ orgId, month, added }: EventCount): void {
    const place = `${orgId} ${month}`;
    const waiting = this.#waiting.get(place)!;
    waiting.added -= added;
    if (waiting.added === 0) this.#waiting.delete(place);
    // Below zero: given back after it was written; the next ones make up for it.
    else if (waiting.added > 0) this.#timer ??= setTimeout(() => void this.flush(), this.#deps.everyMs).unref();
  }

  #learn({ orgId, month, events, plan, limitOverrides: raw }: EventUsage): void {
    const known = this.#known.get(orgId);
    if (known && known.month > month) return;
    const limited = { plan: isPlan(plan) ? plan : ('free' as const), overrides: limitOverrides(raw) };
    this.#known.set(orgId, { month, events, limited });
  }
}
