import type { ClaimedDelivery } from '../../services/webhooks/claim.ts';
import type { Outlook } from '../../services/webhooks/outlook.ts';
import type { AttemptResult } from '../../services/webhooks/record.ts';
import type { DeliveryTarget } from '../../services/webhooks/target.ts';
import { Calm } from './calm.ts';
import { Change } from './change.ts';
import type { RunTarget } from './claimOutcome.ts';
import { ClaimSize } from './claimSize.ts';
import type { DeliveryStore } from './deliveryStore.ts';
import { judge } from './judge.ts';
import { Pace } from './pace.ts';
import type { WebhookPost } from './postWebhook.ts';
import type { Exchange } from './runningExchange.ts';
import { ResultBuffer } from './resultBuffer.ts';
import { requestFor } from './requestFor.ts';
import { UnsentQueue } from './unsentQueue.ts';

/**
 * Requests in flight and answers that wait for Postgres, together, before no more are sent; more only where an endpoint may have more in flight.
 * What a killed process leaves behind is sent again, so this bounds the duplicates of a kill. A healthy Postgres is waited for neither with
 * 48 nor with 138, and with 24 a drain is a fifth slower.
 */
const MOST_UNRECORDED = 48;
const RECORD_GIVE_UP_MS = 60_000;
/** After a claim that found nothing although something is due: a row that another transaction holds, or clocks that differ. */
const LEAST_PAUSE_MS = 100;
/** With nothing to do for so long it is time to ask what is scheduled. */
const QUIET_MS = 100;

export interface LaneOptions {
  store: DeliveryStore;
  /** Calls back when the next request may be sent: at once, or in one of the next turns of the event loop. */
  inTurn: (send: () => void) => void;
  post: (request: WebhookPost) => Promise<Exchange>;
  /** After this many milliseconds the run claims no more and ends; the workflow starts the next one. */
  lifeMs: number;
  /** How long a run with nothing to do listens on. */
  lingerMs: number;
  /** Ends the run early: the process stops, or the activity is cancelled. */
  stop: AbortSignal;
  observe: (result: AttemptResult) => void;
}

/** One run over one endpoint's due deliveries: claim, sign, post, record, and listen for more for as long as it lives. */
export class DeliveryLane {
  readonly #options: LaneOptions;
  readonly #change = new Change();
  readonly #results: ResultBuffer;
  readonly #claimSize = new ClaimSize();
  readonly #calm = new Calm();
  readonly #pace = new Pace();
  readonly #endsAt: number;
  readonly #queue = new UnsentQueue();
  #target: DeliveryTarget | null = null;
  #inFlight = 0;
  #mayHaveMore = true;
  #resting = false;
  /** What is claimed must be looked at again before anything more is sent. */
  #unsure = false;
  #rechecking = false;
  #over = false;
  #moved = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#endsAt = Date.now() + options.lifeMs;
    this.#results = new ResultBuffer((results) => options.store.record(results), this.#change, RECORD_GIVE_UP_MS);
    options.stop.addEventListener('abort', () => this.#change.notify(), { once: true });
  }

  /** There may be new work. */
  wake(): void {
    this.#mayHaveMore = true;
    this.#options.store.settling.promised();
    this.#change.notify();
  }

  /** The endpoint was changed, or a payload for it erased: what was claimed before is looked at again at once. What is on its way goes on. */
  changed(): void {
    this.#options.store.forgetTarget();
    this.#queue.distrust();
    this.#doubt();
  }

  /** Runs until nothing is due any more, or its time is over. Throws when Postgres stays away. */
  async run(): Promise<Outlook> {
    try {
      await this.#work();
    } finally {
      await this.#finish();
    }
    if (this.#resting) return { nextDueAt: null, waitingFor: 'nothing: the endpoint is paused or disabled, its deliveries are kept' };
    if (this.#moved) return this.#options.store.passOn();
    return this.#options.store.rest();
  }

  async #work(): Promise<void> {
    while (!this.#mustEnd()) {
      this.#pump();
      if (this.#unsure) await this.#recheck();
      else if (this.#calm.asks) await this.#move();
      else if (this.#mayHaveMore && this.#mayClaim()) await this.#claim();
      else if (!this.#idle()) await this.#change.wait(this.#msToEnd());
      else if (this.#resting) return;
      else if (!(await this.#moreWithinLinger())) return;
    }
  }

  async #claim(): Promise<void> {
    const limit = this.#claimSize.next(this.#target?.maxInFlight ?? 1, this.#target?.rateLimitPerSecond ?? null);
    this.#mayHaveMore = false;
    const startedAt = performance.now();
    const { target, deliveries } = await this.#options.store.claim(limit);
    this.#serve(target);
    this.#queue.add(deliveries, startedAt);
    if (deliveries.length === limit || (this.#target?.ordered && deliveries.length > 0)) this.#mayHaveMore = true;
    if (this.#resting && this.#queue.length > 0) this.#unsure = true;
  }

  /** When nothing of it is this run's any more. Receivers have a second for what is on its way; our own records take as long as they do. */
  async #move(): Promise<void> {
    if (this.#queue.length > 0) return this.#giveBack();
    const waitMs = this.#inFlight > 0 ? this.#calm.waitMs : Infinity;
    if (!this.#idle() && waitMs > 0) return this.#change.wait(Math.min(waitMs, this.#msToEnd()));
    this.#calm.reset();
    if (this.#idle()) this.#moved = await this.#options.store.move();
  }

  /** Drops what may not be sent any more. One transaction for all that waits: when something changed, or when the oldest has waited for a second. */
  async #recheck(): Promise<void> {
    this.#unsure = false;
    this.#rechecking = true;
    const [startedAt, held, rested] = [performance.now(), this.#queue.length, this.#resting];
    const { target, wanted } = await this.#options.store.recheck(this.#queue.ids);
    this.#rechecking = false;
    this.#serve(target);
    this.#queue.keep(wanted, startedAt);
    if (rested || this.#queue.length < held) this.#mayHaveMore = true;
  }

  /** An endpoint that rests may be resumed while its last requests are on their way; one that is gone stays so. */
  #serve(target: RunTarget): void {
    this.#moved = target === 'express';
    this.#resting = target === 'resting';
    this.#over = target === 'gone';
    this.#target = typeof target === 'string' ? null : target;
  }

  #doubt(): void {
    this.#unsure = true;
    this.#change.notify();
  }

  #pump(): void {
    const target = this.#target;
    if (target === null) return;
    while (
      this.#inFlight < (this.#options.store.failing ? 1 : target.maxInFlight) &&
      !this.#mustEnd() &&
      !this.#results.full(Math.max(MOST_UNRECORDED, target.maxInFlight) - this.#inFlight) &&
      !this.#results.holdsFailure
    ) {
      if (this.#queue.length === 0 || this.#pace.mustWait(target.rateLimitPerSecond, () => this.#change.notify())) return;
      if (this.#queue.stale) return this.#rechecking ? undefined : this.#doubt();
      const delivery = this.#queue.shift();
      if (delivery === undefined) return;
      this.#pace.sent(target.rateLimitPerSecond);
      this.#inFlight += 1;
      this.#options.inTurn(() => void this.#deliver(delivery, target));
    }
  }

  async #deliver(delivery: ClaimedDelivery, target: DeliveryTarget): Promise<void> {
    const exchange = await this.#options.post(requestFor(delivery, target));
    const result = judge(delivery, exchange, target.retries);
    this.#inFlight -= 1;
    this.#claimSize.finished();
    // The others stay where they are.
    if (!target.ordered && target.rateLimitPerSecond === null) this.#calm.delivered(result);
    this.#options.observe(result);
    this.#results.add(result);
    this.#pump();
    if (this.#queue.length <= this.#claimSize.lowWater) this.#change.notify();
  }

  /** Waits for a wake-up, or for a retry that falls due soon. False: nothing came. */
  async #moreWithinLinger(): Promise<boolean> {
    // A question to Postgres would delay the claim for a wake-up that comes meanwhile, and most come soon.
    await this.#change.wait(Math.min(QUIET_MS, this.#options.lingerMs, this.#msToEnd()));
    if (this.#mayHaveMore || this.#unsure || this.#options.stop.aborted) return true;
    const { nextDueAt } = await this.#options.store.outlook();
    const until = Math.min(Date.now() + this.#options.lingerMs, this.#endsAt);
    const dueAt = nextDueAt?.getTime() ?? Infinity;
    const dueSoon = dueAt <= until;
    await this.#change.wait(Math.max(dueSoon ? LEAST_PAUSE_MS : 0, Math.min(dueAt, until) - Date.now()));
    if (dueSoon) this.#mayHaveMore = true;
    return this.#mayHaveMore || this.#unsure;
  }

  /** What was claimed and never sent goes back at once, so that it does not look as if it were being sent; what is in flight is recorded. */
  async #finish(): Promise<void> {
    this.#over = true;
    const [released] = await Promise.allSettled([this.#giveBack()]);
    while (this.#inFlight > 0) await this.#change.wait(1_000);
    await Promise.all([this.#results.flush(), this.#options.store.settling.hold()]);
    if (released.status === 'rejected') await this.#giveBack();
  }

  async #giveBack(): Promise<void> {
    const [unsent, startedAt] = [this.#queue.takeAll(), performance.now()];
    if (unsent.length === 0) return;
    this.#mayHaveMore = true;
    try {
      await this.#options.store.release(unsent.map(({ id }) => id));
    } catch (error) {
      // It may be done or not: as it is, nothing of it may be sent.
      this.#over = true;
      this.#queue.add(unsent, startedAt);
      throw error;
    }
  }

  /** An ordered endpoint's next delivery is known only when the one before is on record. */
  #mayClaim(): boolean {
    if (this.#resting) return false;
    return this.#target?.ordered ? this.#idle() : this.#queue.length <= this.#claimSize.lowWater;
  }

  #idle(): boolean {
    return this.#queue.length === 0 && this.#inFlight === 0 && this.#results.empty;
  }

  #mustEnd(): boolean {
    const { store, stop } = this.#options;
    return (
      this.#over || this.#moved || this.#results.gaveUp || stop.aborted || store.stopped || store.heldMs > 0 || Date.now() >= this.#endsAt
    );
  }

  #msToEnd(): number {
    return Math.max(0, this.#endsAt - Date.now());
  }
}
