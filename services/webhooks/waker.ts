import type { Logger } from '../../server/logger.ts';
import { bestEffort } from '../bestEffort.ts';
import type { PromisedWake } from '../outbox/wakes.ts';
import { shardOf } from './express/lane.ts';
import type { EndpointRef } from './lifecycle.ts';
import { OpenPromises } from './openPromises.ts';

export const WAKE_CHANNEL = 'endpoint_wake';

/** A live activity hears of new work by NOTIFY: at once, and in a burst of publishing so many milliseconds apart. */
const NOTIFY_EVERY_MS = 2;
const SETTLE_EVERY_MS = 500;
/** Looks that fall due so close to each other are one question to Postgres. */
const LOOK_TOGETHER_MS = 50;
/** NOTIFY payloads are limited to 8,000 bytes; an entry has up to 73. */
export const ENTRIES_PER_NOTIFY = 100;
const FORGET_AFTER_MS = 60_000;

/** Who is signalled: an endpoint's own workflow, or one of those of the express lane. */
interface WorkflowState {
  signal: () => Promise<void>;
  open: OpenPromises;
  wokenAt: number;
  timer: NodeJS.Timeout | null;
}

interface WakerDeps {
  /** Sends entries of `wakeEntry`, comma-separated, on WAKE_CHANNEL. */
  notify: (payload: string) => Promise<void>;
  signal: (ref: EndpointRef) => Promise<void>;
  signalExpress: (shard: number) => Promise<void>;
  settle: (orgId: string, outboxIds: string[]) => Promise<void>;
  /** Which of these nobody has settled yet. */
  stillPromised: (orgId: string, outboxIds: string[]) => Promise<ReadonlySet<string>>;
  /** Milliseconds: see signalEveryMs. */
  signalEveryMs: number;
  logger: Logger;
}

/** With the time until it is settled below what the relay takes for forgotten: three seconds (relayOutbox). */
const LONGEST_MS = 2_000;

/**
 * How long a promise to a workflow that was woken lately may be open before it is signalled. Below the time its idle activity listens on
 * (WEBHOOK_LINGER_SECONDS), so that the NOTIFY finds it alive, and serves it. Each signal costs Temporal and the worker a workflow task.
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
 * and signalWithStart for a workflow that rests. A signal is a transaction and a workflow task of Temporal's, so one for a workflow that was
 * woken lately is held back: whoever serves it settles the rows (settleServed), and only one that is two seconds old is signalled.
 * Nothing here is a promise: what fails or is lost with the process, the relay repeats from the outbox rows.
 */
export class EndpointWaker {
  readonly #deps: WakerDeps;
  readonly #workflows = new Map<string, WorkflowState>();
  readonly #toNotify = new Set<string>();
  readonly #toSettle = new Map<string, string[]>();
  readonly #toLookAt = new Set<WorkflowState>();
  readonly #running = new Set<Promise<unknown>>();
  #notifyTimer: NodeJS.Timeout | null = null;
  #notifySoon: NodeJS.Immediate | null = null;
  #notifiedAt = -Infinity;
  #settleTimer: NodeJS.Timeout | null = null;
  #lookTimer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(deps: WakerDeps) {
    this.#deps = deps;
  }

  /**
   * The payload of a NOTIFY that may be sent behind the very commit of these wake-ups, which spares it a write of its own; null when the last
   * one was a moment ago: `wake` sends the next in its time.
   */
  hint(wakes: PromisedWake[]): string | null {
    if (this.#closed || wakes.length === 0 || wakes.length > ENTRIES_PER_NOTIFY || this.#notifyInMs() > 0) return null;
    this.#notifiedAt = performance.now();
    return wakes.map(wakeEntry).join(',');
  }

  /** Call after the commit, with the answer to a hint that was sent behind it. Returns at once. */
  wake(wakes: PromisedWake[], hinted: Promise<unknown> | null = null): void {
    if (this.#closed || wakes.length === 0) return;
    for (const wake of wakes) this.#scheduleSignal(wake);
    if (hinted) return this.#track('NOTIFY is a hint', hinted);
    for (const wake of wakes) this.#toNotify.add(wakeEntry(wake));
    this.#scheduleNotify();
  }

  /** Drops what has not been sent (the relay has it) and waits for what is being sent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#workflows.values()) if (timer) clearTimeout(timer);
    if (this.#notifyTimer) clearTimeout(this.#notifyTimer);
    if (this.#notifySoon) clearImmediate(this.#notifySoon);
    if (this.#settleTimer) clearTimeout(this.#settleTimer);
    if (this.#lookTimer) clearTimeout(this.#lookTimer);
    await Promise.allSettled(this.#running);
  }

  #notifyInMs(): number {
    return this.#notifiedAt + NOTIFY_EVERY_MS - performance.now();
  }

  #track(reason: string, work: Promise<unknown>): void {
    const running = bestEffort(this.#deps.logger, reason, work).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** The first after a pause goes with the next turn of the event loop, behind the answers to those who published. */
  #scheduleNotify(): void {
    if (this.#notifyTimer !== null || this.#notifySoon !== null) return;
    const waitMs = this.#notifyInMs();
    const send = (): void => this.#track('NOTIFY is a hint', this.#notify());
    if (waitMs > 0) this.#notifyTimer = setTimeout(send, waitMs);
    else this.#notifySoon = setImmediate(send);
  }

  #scheduleSignal(wake: PromisedWake): void {
    const key = wake.express ? `express ${shardOf(wake.endpointId)}` : wake.endpointId;
    const state = this.#workflows.get(key) ?? { signal: this.#signalFor(wake), open: new OpenPromises(), wokenAt: 0, timer: null };
    this.#workflows.set(key, state);
    state.open.add(wake.orgId, wake.outboxIds);
    if (Date.now() - state.wokenAt < this.#deps.signalEveryMs) this.#lookLater(state);
    else state.timer ??= setTimeout(() => this.#trackSignal(state), 0);
  }

  /** When the oldest open promise had its time: a younger one may be about to be kept, which is no reason for a signal. */
  #lookLater(state: WorkflowState): void {
    const waitMs = Math.max(0, state.open.since + this.#deps.signalEveryMs - Date.now());
    state.timer ??= setTimeout(() => this.#lookSoon(state), waitMs);
  }

  #trackSignal(state: WorkflowState): void {
    this.#track('the relay wakes the endpoint when Temporal is back', this.#signal(state));
  }

  #lookSoon(state: WorkflowState): void {
    this.#toLookAt.add(state);
    this.#lookTimer ??= setTimeout(() => this.#track('the relay looks as well', this.#look()), LOOK_TOGETHER_MS);
  }

  /** Signals those with a promise that nobody kept in time. */
  async #look(): Promise<void> {
    this.#lookTimer = null;
    const states = [...this.#toLookAt];
    this.#toLookAt.clear();
    await this.#forgetKept(states).catch((error: unknown) => {
      for (const state of states) {
        state.open.forget(state.open.ids);
        rest(state);
      }
      throw error;
    });
    for (const state of states) {
      const { since } = state.open;
      rest(state);
      if (since <= Date.now() - this.#deps.signalEveryMs) this.#trackSignal(state);
      else if (since !== Infinity) this.#lookLater(state);
    }
  }

  async #forgetKept(states: WorkflowState[]): Promise<void> {
    const asked = new Map<string, string[]>();
    for (const { open } of states) for (const [orgId, ids] of open.byOrg()) append(asked, orgId, ids);
    for (const [orgId, ids] of asked) {
      const left = await this.#deps.stillPromised(orgId, ids);
      const kept = ids.filter((id) => !left.has(id));
      for (const { open } of states) open.forget(kept);
    }
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
    rest(state);
    const promised = state.open.byOrg();
    state.open.forget(state.open.ids);
    await state.signal();
    for (const [orgId, outboxIds] of promised) append(this.#toSettle, orgId, outboxIds);
    if (!this.#closed)
      this.#settleTimer ??= setTimeout(() => this.#track('the relay settles what is left', this.#settle()), SETTLE_EVERY_MS);
  }

  async #settle(): Promise<void> {
    this.#settleTimer = null;
    const batches = [...this.#toSettle];
    this.#toSettle.clear();
    for (const [id, state] of this.#workflows) if (!state.timer && Date.now() - state.wokenAt > FORGET_AFTER_MS) this.#workflows.delete(id);
    for (const [orgId, ids] of batches) await this.#deps.settle(orgId, ids);
  }
}

/** The next wake-up of this workflow waits its time. */
function rest(state: WorkflowState): void {
  state.timer = null;
  state.wokenAt = Date.now();
}

function append(lists: Map<string, string[]>, key: string, values: string[]): void {
  const list = lists.get(key);
  if (list) list.push(...values);
  else lists.set(key, [...values]);
}
