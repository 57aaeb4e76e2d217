import type { Logger } from '../../server/logger.ts';
import { bestEffort } from '../bestEffort.ts';
import type { PromisedWake } from '../outbox/wakes.ts';
import type { EndpointRef } from './lifecycle.ts';

export const WAKE_CHANNEL = 'endpoint_wake';

/** A live activity hears of new work by NOTIFY; these milliseconds gather what one burst of publishing wakes. */
const NOTIFY_EVERY_MS = 2;
/** Below the time an idle activity listens on (WEBHOOK_LINGER_SECONDS), so that a wake-up held back here still finds it alive. */
const SIGNAL_EVERY_MS = 1_000;
const SETTLE_EVERY_MS = 500;
/** NOTIFY payloads are limited to 8,000 bytes. */
const IDS_PER_NOTIFY = 200;
const FORGET_AFTER_MS = 60_000;

interface EndpointState {
  ref: EndpointRef;
  outboxIds: string[];
  lastSignalAt: number;
  timer: NodeJS.Timeout | null;
}

interface WakerDeps {
  /** Sends the endpoints' ids (database uuids, comma-separated) on WAKE_CHANNEL. */
  notify: (payload: string) => Promise<void>;
  signal: (ref: EndpointRef) => Promise<void>;
  settle: (orgId: string, outboxIds: string[]) => Promise<void>;
  logger: Logger;
}

/**
 * Turns committed outbox rows into wake-ups: a NOTIFY within milliseconds for an activity that is alive,
 * and at most one signalWithStart a second for each endpoint, because a signal is a transaction and a workflow task of Temporal's, and a NOTIFY one short statement.
 * Nothing here is a promise: what fails or is lost with the process, the relay repeats from the outbox rows.
 */
export class EndpointWaker {
  readonly #deps: WakerDeps;
  readonly #endpoints = new Map<string, EndpointState>();
  readonly #toNotify = new Set<string>();
  readonly #toSettle = new Map<string, string[]>();
  readonly #running = new Set<Promise<unknown>>();
  #notifyTimer: NodeJS.Timeout | null = null;
  #settleTimer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(deps: WakerDeps) {
    this.#deps = deps;
  }

  /** Call after the commit. Returns at once. */
  wake(wakes: PromisedWake[]): void {
    if (this.#closed || wakes.length === 0) return;
    for (const wake of wakes) {
      this.#toNotify.add(wake.endpointId);
      this.#scheduleSignal(wake);
    }
    this.#notifyTimer ??= setTimeout(() => this.#track('NOTIFY is a hint', this.#notify()), NOTIFY_EVERY_MS);
  }

  /** Drops what has not been sent (the relay has it) and waits for what is being sent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#endpoints.values()) if (timer) clearTimeout(timer);
    if (this.#notifyTimer) clearTimeout(this.#notifyTimer);
    if (this.#settleTimer) clearTimeout(this.#settleTimer);
    await Promise.allSettled(this.#running);
  }

  #track(reason: string, work: Promise<void>): void {
    const running = bestEffort(this.#deps.logger, reason, work).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  #scheduleSignal(wake: PromisedWake): void {
    const state = this.#endpoints.get(wake.endpointId) ?? {
      ref: { orgId: wake.orgId, endpointId: wake.endpointId },
      outboxIds: [],
      lastSignalAt: 0,
      timer: null,
    };
    this.#endpoints.set(wake.endpointId, state);
    state.outboxIds.push(...wake.outboxIds);
    const waitMs = Math.max(0, state.lastSignalAt + SIGNAL_EVERY_MS - Date.now());
    state.timer ??= setTimeout(() => this.#track('the relay wakes the endpoint when Temporal is back', this.#signal(state)), waitMs);
  }

  async #notify(): Promise<void> {
    this.#notifyTimer = null;
    const ids = [...this.#toNotify];
    this.#toNotify.clear();
    for (let start = 0; start < ids.length; start += IDS_PER_NOTIFY)
      await this.#deps.notify(ids.slice(start, start + IDS_PER_NOTIFY).join(','));
  }

  async #signal(state: EndpointState): Promise<void> {
    state.timer = null;
    state.lastSignalAt = Date.now();
    const outboxIds = state.outboxIds.splice(0);
    await this.#deps.signal(state.ref);
    this.#toSettle.set(state.ref.orgId, [...(this.#toSettle.get(state.ref.orgId) ?? []), ...outboxIds]);
    if (!this.#closed)
      this.#settleTimer ??= setTimeout(() => this.#track('the relay settles what is left', this.#settle()), SETTLE_EVERY_MS);
  }

  async #settle(): Promise<void> {
    this.#settleTimer = null;
    const batches = [...this.#toSettle];
    this.#toSettle.clear();
    for (const [id, state] of this.#endpoints)
      if (!state.timer && Date.now() - state.lastSignalAt > FORGET_AFTER_MS) this.#endpoints.delete(id);
    for (const [orgId, ids] of batches) await this.#deps.settle(orgId, ids);
  }
}
