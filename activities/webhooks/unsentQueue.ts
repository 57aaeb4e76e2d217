import type { ClaimedDelivery } from '../../services/webhooks/claim.ts';

/** What was claimed longer ago is looked at again before it is sent. */
const TRUSTED_MS = 1_000;

interface Batch {
  deliveries: ClaimedDelivery[];
  /** Both of performance.now(): when Postgres was asked for them, and when it had answered. */
  askedAt: number;
  seenAt: number;
}

/** Deliveries that are claimed and not sent, in the order of their claims. It knows when somebody should look whether they are still wanted. */
export class UnsentQueue {
  #batches: Batch[] = [];
  #length = 0;
  #distrustedAt = -Infinity;
  readonly #now: () => number;

  /** `now`: milliseconds of the clock of performance.now(). */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get length(): number {
    return this.#length;
  }

  get ids(): string[] {
    return this.#batches.flatMap(({ deliveries }) => deliveries.map(({ id }) => id));
  }

  /** The next one has waited too long, or was claimed before something changed: it must not be sent as it is. */
  get stale(): boolean {
    const [next] = this.#batches;
    return next !== undefined && (next.askedAt <= this.#distrustedAt || this.#now() - next.seenAt > TRUSTED_MS);
  }

  /** `askedAt`: when the statement that claimed them began, of performance.now(). */
  add(deliveries: ClaimedDelivery[], askedAt: number): void {
    if (deliveries.length === 0) return;
    this.#batches.push({ deliveries, askedAt, seenAt: this.#now() });
    this.#length += deliveries.length;
  }

  shift(): ClaimedDelivery | undefined {
    const [next] = this.#batches;
    const delivery = next?.deliveries.shift();
    if (delivery === undefined) return undefined;
    this.#length -= 1;
    if (next?.deliveries.length === 0) this.#batches.shift();
    return delivery;
  }

  /** Something changed: all that was claimed before this moment is stale. */
  distrust(): void {
    this.#distrustedAt = this.#now();
  }

  /** Keeps those that somebody found wanted, asking from `askedAt` on. */
  keep(wanted: ReadonlySet<string>, askedAt: number): void {
    const before = this.takeAll();
    this.add(
      before.filter(({ id }) => wanted.has(id)),
      askedAt,
    );
  }

  takeAll(): ClaimedDelivery[] {
    this.#length = 0;
    return this.#batches.splice(0).flatMap(({ deliveries }) => deliveries);
  }
}
