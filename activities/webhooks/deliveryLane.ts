import type { ClaimedDelivery } from '../../services/webhooks/claim.ts';
import type { Outlook } from '../../services/webhooks/outlook.ts';
import type { AttemptResult } from '../../services/webhooks/record.ts';
import type { DeliveryTarget } from '../../services/webhooks/target.ts';
import { Change } from './change.ts';
import { ClaimSize } from './claimSize.ts';
import type { DeliveryStore } from './deliveryStore.ts';
import { judge } from './judge.ts';
import { Pace } from './pace.ts';
import type { WebhookPost } from './postWebhook.ts';
import type { Exchange } from './runningExchange.ts';
import { ResultBuffer } from './resultBuffer.ts';
import { requestFor } from './requestFor.ts';

/** Results that may wait for Postgres before no more requests are sent. */
const MAX_UNRECORDED = 2_000;
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
  readonly #pace = new Pace();
  readonly #endsAt: number;
  #queue: ClaimedDelivery[] = [];
  #target: DeliveryTarget | null = null;
  #inFlight = 0;
  #mayHaveMore = true;
  #resting = false;
  #paceTimer: NodeJS.Timeout | null = null;
  #over = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#endsAt = Date.now() + options.lifeMs;
    this.#results = new ResultBuffer((results) => options.store.record(results), this.#change, RECORD_GIVE_UP_MS);
    options.stop.addEventListener('abort', () => this.#change.notify(), { once: true });
  }

  /** There may be new work. */
  wake(): void {
    this.#mayHaveMore = true;
    this.#change.notify();
  }

  /** Runs until nothing is due any more, or its time is over. Throws when Postgres stays away. */
  async run(): Promise<Outlook> {
    try {
      await this.#work();
    } finally {
      await this.#finish();
    }
    if (this.#resting) return { nextDueAt: null, waitingFor: 'nothing: the endpoint is paused or disabled, its deliveries are kept' };
    return this.#options.store.rest();
  }

  async #work(): Promise<void> {
    while (!this.#mustEnd()) {
      this.#pump();
      if (this.#mayHaveMore && this.#mayClaim()) await this.#claim();
      else if (!this.#idle()) await this.#change.wait(this.#msToEnd());
      else if (!(await this.#moreWithinLinger())) return;
    }
  }

  async #claim(): Promise<void> {
    const limit = this.#claimSize.next(this.#target?.maxInFlight ?? 1);
    this.#mayHaveMore = false;
    const { target, deliveries } = await this.#options.store.claim(limit);
    this.#resting = target === 'resting';
    this.#target = typeof target === 'string' ? null : target;
    if (this.#target === null) this.#over = true;
    this.#queue.push(...deliveries);
    if (deliveries.length === limit || (this.#target?.ordered && deliveries.length > 0)) this.#mayHaveMore = true;
  }

  #pump(): void {
    const target = this.#target;
    if (target === null) return;
    while (
      this.#inFlight < (this.#options.store.failing ? 1 : target.maxInFlight) &&
      !this.#mustEnd() &&
      this.#results.size < MAX_UNRECORDED &&
      !this.#results.failing &&
      !this.#results.holdsFailure
    ) {
      if (this.#queue.length === 0 || this.#mustWait(target)) return;
      const delivery = this.#queue.shift();
      if (delivery === undefined) return;
      this.#pace.sent(target.rateLimitPerSecond);
      this.#inFlight += 1;
      this.#options.inTurn(() => void this.#deliver(delivery, target));
    }
  }

  /** Comes back to the loop when the endpoint's rate allows the next request. */
  #mustWait({ rateLimitPerSecond }: DeliveryTarget): boolean {
    const waitMs = this.#pace.waitMs(rateLimitPerSecond);
    if (waitMs === 0) return false;
    if (this.#paceTimer === null) this.#paceTimer = setTimeout(() => this.#paceIsOver(), Math.ceil(waitMs));
    return true;
  }

  #paceIsOver(): void {
    this.#paceTimer = null;
    this.#change.notify();
  }

  async #deliver(delivery: ClaimedDelivery, target: DeliveryTarget): Promise<void> {
    const exchange = await this.#options.post(requestFor(delivery, target));
    const result = judge(delivery, exchange, target.retries);
    this.#inFlight -= 1;
    this.#claimSize.finished();
    this.#options.observe(result);
    this.#results.add(result);
    this.#pump();
    if (this.#queue.length <= this.#claimSize.lowWater) this.#change.notify();
  }

  /** Waits for a wake-up, or for a retry that falls due soon. False: nothing came. */
  async #moreWithinLinger(): Promise<boolean> {
    // A question to Postgres would delay the claim for a wake-up that comes meanwhile, and most come soon.
    await this.#change.wait(Math.min(QUIET_MS, this.#options.lingerMs, this.#msToEnd()));
    if (this.#mayHaveMore || this.#options.stop.aborted) return true;
    const { nextDueAt } = await this.#options.store.outlook();
    const until = Math.min(Date.now() + this.#options.lingerMs, this.#endsAt);
    const dueAt = nextDueAt?.getTime() ?? Infinity;
    const dueSoon = dueAt <= until;
    await this.#change.wait(Math.max(dueSoon ? LEAST_PAUSE_MS : 0, Math.min(dueAt, until) - Date.now()));
    if (dueSoon) this.#mayHaveMore = true;
    return this.#mayHaveMore;
  }

  /** What is in flight is recorded; what was claimed and never sent goes back. */
  async #finish(): Promise<void> {
    const unsent = this.#queue.splice(0);
    while (this.#inFlight > 0) await this.#change.wait(1_000);
    await this.#results.flush();
    if (unsent.length > 0) await this.#options.store.release(unsent.map(({ id }) => id));
  }

  /** An ordered endpoint's next delivery is known only when the one before is on record. */
  #mayClaim(): boolean {
    return this.#target?.ordered ? this.#idle() : this.#queue.length <= this.#claimSize.lowWater;
  }

  #idle(): boolean {
    return this.#queue.length === 0 && this.#inFlight === 0 && this.#results.empty;
  }

  #mustEnd(): boolean {
    const { store, stop } = this.#options;
    return this.#over || stop.aborted || store.stopped || store.heldMs > 0 || Date.now() >= this.#endsAt;
  }

  #msToEnd(): number {
    return Math.max(0, this.#endsAt - Date.now());
  }
}
