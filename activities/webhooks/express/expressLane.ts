import { setTimeout as sleep } from 'node:timers/promises';
import type { ExpressDelivery } from '../../../services/webhooks/express/claim.ts';
import { SLOW_MS } from '../../../services/webhooks/express/lane.ts';
import type { ExpressResult } from '../../../services/webhooks/express/record.ts';
import type { EndpointRef } from '../../../services/webhooks/lifecycle.ts';
import { Change } from '../change.ts';
import { judge } from '../judge.ts';
import { requestFor } from '../requestFor.ts';
import type { RunningExchange } from '../runningExchange.ts';
import type { ExpressOptions } from './expressOptions.ts';
import type { Leaving } from './expressStore.ts';
import { Hints } from './hints.ts';
import { Holdings } from './holdings.ts';
import { Lifetime } from './lifetime.ts';
import { ResultBuffers } from './resultBuffers.ts';
import { Serving, wasSlow } from './serving.ts';
import { Servings } from './servings.ts';
import { Sparsity } from './sparsity.ts';
import { waitingFor } from './waitingFor.ts';

const MOST_AT_ONCE = 500;
/** Claims that run at a time. */
const CLAIMS = 4;
/** A NOTIFY may be lost: now and then the rows themselves are asked. */
const SEARCH_EVERY_MS = 10_000;
/** Work was found that nobody could claim: another transaction holds it, or clocks differ. */
const LEAST_PAUSE_MS = 100;

/** One run over a shard of the express lane: claims for many endpoints at once, and lets go of each that is slow, fails or has much to do. */
export class ExpressLane {
  readonly #options: ExpressOptions;
  readonly #change = new Change();
  readonly #hints = new Hints();
  readonly #holdings = new Holdings();
  readonly #servings = new Servings((endpoint) => this.#hint(endpoint));
  readonly #sparsity = new Sparsity();
  readonly #claiming = new Set<string>();
  readonly #results: ResultBuffers;
  readonly #running = new Set<RunningExchange>();
  readonly #lifetime: Lifetime;
  #inFlight = 0;
  #idleSince: number | null = null;
  #searchAt = 0;
  #changedAt = -Infinity;
  /** Some requests are not sent because Postgres is behind with the answers. */
  #held = false;
  #ending = false;
  #failure: Error | null = null;

  constructor(options: ExpressOptions) {
    this.#options = options;
    this.#lifetime = new Lifetime(options.lifeMs, options.stop);
    this.#results = new ResultBuffers((orgId, results) => this.#record(orgId, results), this.#change);
    options.stop.addEventListener('abort', () => this.#change.notify(), { once: true });
  }

  /** The endpoint may have new work; null: any may. */
  wake(endpoint: EndpointRef | null): void {
    if (endpoint === null) this.#searchAt = 0;
    else this.#hint(endpoint);
    this.#change.notify();
  }

  /** The endpoint was changed, or a payload for it erased; null: any may be. What was claimed before and not sent is given back. */
  changed(endpointId: string | null): void {
    this.#changedAt = performance.now();
    for (const serving of this.#servings.of(endpointId)) void this.#giveBack(serving);
  }

  /** Runs until nothing is due any more, or its time is over. Throws when Postgres stays away. */
  async run(): Promise<{ nextDueAt: Date | null; waitingFor: string }> {
    try {
      await this.#work();
    } finally {
      await this.#finish();
    }
    if (this.#failure !== null) throw this.#failure;
    const [next] = await this.#options.store.findWork(this.#options.shard);
    const waitMs = (next?.dueAt.getTime() ?? Infinity) - Date.now();
    if (waitMs < LEAST_PAUSE_MS && !this.#options.stop.aborted) await sleep(LEAST_PAUSE_MS);
    return { nextDueAt: next?.dueAt ?? null, waitingFor: waitingFor(next, this.#sparsity.endpoints) };
  }

  async renew(): Promise<void> {
    for (const [orgId, ids] of this.#holdings.all) await this.#options.store.renew(orgId, ids);
  }

  async #work(): Promise<void> {
    while (this.#failure === null && !this.#results.gaveUp && !this.#lifetime.isOver(this.#servings.anyLeft)) {
      if (Date.now() >= this.#searchAt) await this.#search();
      this.#startClaims();
      if (this.#held) this.#pumpAll();
      const busy = !this.#hints.empty || this.#claiming.size > 0 || !this.#holdings.empty;
      this.#idleSince = busy ? null : (this.#idleSince ?? Date.now());
      const lingerUntil = this.#idleSince === null ? Infinity : this.#idleSince + this.#options.lingerMs;
      if (Date.now() >= lingerUntil) return;
      const until = Math.min(this.#searchAt, lingerUntil, Math.max(this.#lifetime.endsAt, Date.now() + LEAST_PAUSE_MS));
      await this.#change.wait(until - Date.now());
    }
  }

  async #search(): Promise<void> {
    this.#searchAt = Date.now() + SEARCH_EVERY_MS;
    const work = await this.#options.store.findWork(this.#options.shard);
    for (const { dueAt, ...endpoint } of work) if (dueAt.getTime() <= Date.now()) this.#hint(endpoint);
  }

  #hint({ orgId, endpointId }: EndpointRef): void {
    if (!this.#servings.remind(endpointId)) this.#hints.add(orgId, endpointId);
  }

  #startClaims(): void {
    for (const orgId of this.#hints.orgs) {
      const limit = Math.min(MOST_AT_ONCE, this.#holdings.room(orgId));
      if (this.#claiming.size >= CLAIMS) return;
      if (limit > 0 && !this.#claiming.has(orgId)) void this.#claim(orgId, this.#hints.take(orgId, limit), limit);
    }
  }

  async #claim(orgId: string, endpointIds: string[], limit: number): Promise<void> {
    this.#claiming.add(orgId);
    const settle = this.#holdings.reserve(orgId, limit);
    const startedAt = performance.now();
    try {
      const isBusy = (id: string, claimed: number): boolean => this.#sparsity.isBusy(id, claimed);
      const { targets, deliveries, busy, again } = await this.#options.store.claim(orgId, endpointIds, limit, isBusy);
      settle(deliveries.map(({ id }) => id));
      for (const endpointId of busy) this.#sparsity.left(endpointId);
      for (const [endpointId, queue] of Map.groupBy(deliveries, (delivery) => delivery.endpointId)) {
        const target = targets.get(endpointId);
        if (target) this.#serve(new Serving(orgId, endpointId, target, queue, busy.has(endpointId)), startedAt);
      }
      for (const endpointId of again) this.#hint({ orgId, endpointId });
    } catch (error) {
      settle([]);
      this.#fail(error);
    } finally {
      this.#claiming.delete(orgId);
      this.#change.notify();
    }
  }

  #serve(serving: Serving, claimedAt: number): void {
    this.#servings.add(serving);
    // While it was being claimed something changed, perhaps this.
    if (claimedAt <= this.#changedAt) void this.#giveBack(serving);
    else this.#pump(serving);
  }

  #pumpAll(): void {
    this.#held = false;
    for (const serving of this.#servings.of(null)) this.#pump(serving);
  }

  #pump(serving: Serving): void {
    while (!this.#ending) {
      if (serving.queue.length > 0 && this.#results.full(serving.orgId)) return void (this.#held = true);
      if (serving.stale) void this.#giveBack(serving);
      const delivery = serving.next();
      if (delivery === undefined) return;
      if (!serving.left) this.#sparsity.sent(serving.endpointId);
      serving.inFlight += 1;
      serving.unrecorded += 1;
      this.#inFlight += 1;
      this.#options.inTurn(serving.orgId, () => void this.#deliver(serving, delivery));
    }
  }

  async #deliver(serving: Serving, delivery: ExpressDelivery): Promise<void> {
    const { target, orgId, endpointId } = serving;
    const slow = setTimeout(() => void this.#handOver(serving), SLOW_MS);
    const exchange = await this.#options.post(requestFor(delivery, target), this.#running);
    clearTimeout(slow);
    const result = { ...judge(delivery, exchange, target.retries), endpointId };
    serving.inFlight -= 1;
    this.#inFlight -= 1;
    if (wasSlow(result)) serving.stopped = true;
    this.#options.observe(result);
    this.#results.add(orgId, result);
    this.#pump(serving);
  }

  /** The answer has not come in time: what waits behind it goes at once, and the request itself may go on until the endpoint's own timeout. */
  async #handOver(serving: Serving): Promise<void> {
    if (serving.stopped) return;
    serving.stopped = true;
    const leaving = serving.leaving();
    try {
      await this.#options.store.handOver(serving.orgId, leaving);
      this.#settle(serving, leaving);
    } catch {
      // Postgres is away: it is done again with the record of the slow answer.
    }
  }

  /** Claims again what is not sent yet, if the endpoint and its payloads are still there. */
  async #giveBack(serving: Serving): Promise<void> {
    const unsent = serving.takeBack();
    if (unsent.length === 0) return;
    try {
      await this.#options.store.release(serving.orgId, unsent);
      this.#free(serving.orgId, unsent);
      this.#servings.recorded(serving.endpointId);
    } catch (error) {
      this.#fail(error);
    }
    this.#change.notify();
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error('Postgres refused', { cause: error });
  }

  async #record(orgId: string, results: ExpressResult[]): Promise<void> {
    const leaving = this.#servings.leaving(results);
    await this.#options.store.record(orgId, results, leaving);
    for (const one of leaving) this.#settle(one.serving, one);
    this.#free(
      orgId,
      results.map(({ deliveryId }) => deliveryId),
    );
    for (const { endpointId } of results) this.#servings.recorded(endpointId);
  }

  /** It is on record that the endpoint left, and that what was not sent is free. */
  #settle(serving: Serving, { unsent }: Leaving): void {
    serving.left = true;
    this.#sparsity.left(serving.endpointId);
    serving.queue.splice(0);
    this.#free(serving.orgId, unsent);
    this.#servings.forgetIfDone(serving.endpointId);
  }

  #free(orgId: string, deliveryIds: string[]): void {
    if (this.#holdings.free(orgId, deliveryIds)) this.#results.forget(orgId);
  }

  /** What is in flight is recorded; what was claimed and never sent goes back. */
  async #finish(): Promise<void> {
    this.#ending = true;
    while (this.#claiming.size > 0) await this.#change.wait(1_000);
    const cut = setTimeout(() => this.#running.forEach((exchange) => exchange.fail('interrupted')), this.#lifetime.graceMs);
    while (this.#inFlight > 0) await this.#change.wait(100);
    clearTimeout(cut);
    await this.#results.flush();
    for (const [orgId, ids] of this.#holdings.all) await this.#options.store.release(orgId, ids);
  }
}
