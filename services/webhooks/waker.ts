import type { Logger } from '../../server/logger.ts';
import { bestEffort } from '../bestEffort.ts';
import type { PromisedWake } from '../outbox/wakes.ts';
import { shardOf } from './express/lane.ts';
import type { EndpointRef } from './lifecycle.ts';

export const WAKE_CHANNEL = 'endpoint_wake';

/** A live activity hears of new work by NOTIFY: at once, and in a burst of publishing so many milliseconds apart. */
const NOTIFY_EVERY_MS = 2;
const SETTLE_EVERY_MS = 500;
/** NOTIFY payloads are limited to 8,000 bytes; an entry has up to 73. */
export const ENTRIES_PER_NOTIFY = 100;
const FORGET_AFTER_MS = 60_000;

/** Who is signalled: an endpoint's own workflow, or one of those of the express lane. */
interface WorkflowState {
  signal: () => Promise<void>;
  /** By organization. */
  outboxIds: Map<string, string[]>;
  lastSignalAt: number;
  timer: NodeJS.Timeout | null;
}

interface WakerDeps {
  /** Sends entries of `wakeEntry`, comma-separated, on WAKE_CHANNEL. */
  notify: (payload: string) => Promise<void>;
  signal: (ref: EndpointRef) => Promise<void>;
  signalExpress: (shard: number) => Promise<void>;
  settle: (orgId: string, outboxIds: string[]) => Promise<void>;
  /** Least time between two signals to one workflow, milliseconds: see signalEveryMs. */
  signalEveryMs: number;
  logger: Logger;
}

/** With the time until it is settled below what the relay takes for forgotten: three seconds (relayOutbox). */
const LONGEST_MS = 2_000;

/**
 * How often a workflow that keeps having work is signalled. Below the time its idle activity listens on (WEBHOOK_LINGER_SECONDS), so that a
 * wake-up held back here still finds it alive, and the NOTIFY has served it. Each signal costs Temporal and the worker a workflow task.
 */
export const signalEveryMs = (lingerSeconds: number): number => Math.min(LONGEST_MS, Math.max(1_000, lingerSeconds * 800));

/** What a NOTIFY says of one wake-up: the endpoint, and its organization when it is in the express lane. Database uuids. */
export const wakeEntry = ({ orgId, endpointId, express }: Pick<PromisedWake, 'orgId' | 'endpointId' | 'express'>): string =>
  express ? `${orgId}/${endpointId}` : endpointId;

/** Before the id of an endpoint that changed, among the entries of wake-ups. */
export const CHANGED = '!';

/** What a NOTIFY says of an endpoint (database uuid) that changed, or for which a payload was erased. */
export const changeEntry = (endpointId: string): string => `${CHANGED}${endpointId}`;

/**
 * Turns committed outbox rows into wake-ups: a NOTIFY within milliseconds for an activity that is alive,
 * and one signalWithStart every two seconds for each workflow, because a signal is a transaction and a workflow task of Temporal's, and a NOTIFY one short statement.
 * Nothing here is a promise: what fails or is lost with the process, the relay repeats from the outbox rows.
 */
export class EndpointWaker {
  readonly #deps: WakerDeps;
  readonly #workflows = new Map<string, WorkflowState>();
  readonly #toNotify = new Set<string>();
  readonly #toSettle = new Map<string, string[]>();
  readonly #running = new Set<Promise<unknown>>();
  #notifyTimer: NodeJS.Timeout | null = null;
  #notifySoon: NodeJS.Immediate | null = null;
  #notifiedAt = -Infinity;
  #settleTimer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(deps: WakerDeps) {
    this.#deps = deps;
  }

  /** Call after the commit. Returns at once. */
  wake(wakes: PromisedWake[]): void {
    if (this.#closed || wakes.length === 0) return;
    for (const wake of wakes) {
      this.#toNotify.add(wakeEntry(wake));
      this.#scheduleSignal(wake);
    }
    this.#scheduleNotify();
  }

  /** Drops what has not been sent (the relay has it) and waits for what is being sent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#workflows.values()) if (timer) clearTimeout(timer);
    if (this.#notifyTimer) clearTimeout(this.#notifyTimer);
    if (this.#notifySoon) clearImmediate(this.#notifySoon);
    if (this.#settleTimer) clearTimeout(this.#settleTimer);
    await Promise.allSettled(this.#running);
  }

  #track(reason: string, work: Promise<void>): void {
    const running = bestEffort(this.#deps.logger, reason, work).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** The first after a pause goes with the next turn of the event loop, behind the answers to those who published. */
  #scheduleNotify(): void {
    if (this.#notifyTimer !== null || this.#notifySoon !== null) return;
    const waitMs = this.#notifiedAt + NOTIFY_EVERY_MS - performance.now();
    const send = (): void => this.#track('NOTIFY is a hint', this.#notify());
    if (waitMs > 0) this.#notifyTimer = setTimeout(send, waitMs);
    else this.#notifySoon = setImmediate(send);
  }

  #scheduleSignal(wake: PromisedWake): void {
    const key = wake.express ? `express ${shardOf(wake.endpointId)}` : wake.endpointId;
    const state = this.#workflows.get(key) ?? { signal: this.#signalFor(wake), outboxIds: new Map(), lastSignalAt: 0, timer: null };
    this.#workflows.set(key, state);
    append(state.outboxIds, wake.orgId, wake.outboxIds);
    const waitMs = Math.max(0, state.lastSignalAt + this.#deps.signalEveryMs - Date.now());
    state.timer ??= setTimeout(() => this.#track('the relay wakes the endpoint when Temporal is back', this.#signal(state)), waitMs);
  }

  #signalFor({ orgId, endpointId, express }: PromisedWake): () => Promise<void> {
    return express ? () => this.#deps.signalExpress(shardOf(endpointId)) : () => this.#deps.signal({ orgId, endpointId });
  }

  async #notify(): Promise<void> {
    this.#notifyTimer = null;
    this.#notifySoon = null;
    this.#notifiedAt = performance.now();
    const entries = [...this.#toNotify];
    this.#toNotify.clear();
    for (let start = 0; start < entries.length; start += ENTRIES_PER_NOTIFY)
      await this.#deps.notify(entries.slice(start, start + ENTRIES_PER_NOTIFY).join(','));
  }

  async #signal(state: WorkflowState): Promise<void> {
    state.timer = null;
    state.lastSignalAt = Date.now();
    const promised = [...state.outboxIds];
    state.outboxIds.clear();
    await state.signal();
    for (const [orgId, outboxIds] of promised) append(this.#toSettle, orgId, outboxIds);
    if (!this.#closed)
      this.#settleTimer ??= setTimeout(() => this.#track('the relay settles what is left', this.#settle()), SETTLE_EVERY_MS);
  }

  async #settle(): Promise<void> {
    this.#settleTimer = null;
    const batches = [...this.#toSettle];
    this.#toSettle.clear();
    for (const [id, state] of this.#workflows)
      if (!state.timer && Date.now() - state.lastSignalAt > FORGET_AFTER_MS) this.#workflows.delete(id);
    for (const [orgId, ids] of batches) await this.#deps.settle(orgId, ids);
  }
}

function append(lists: Map<string, string[]>, key: string, values: string[]): void {
  const list = lists.get(key);
  if (list) list.push(...values);
  else lists.set(key, [...values]);
}
