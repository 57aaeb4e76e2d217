import { SLOW_MS } from '../../../services/webhooks/express/lane.ts';
import type { ExpressResult } from '../../../services/webhooks/express/record.ts';
import type { ExpressDelivery } from '../../../services/webhooks/express/claim.ts';
import type { DeliveryTarget } from '../../../services/webhooks/target.ts';
import type { Leaving } from './expressStore.ts';

/** What has waited longer is given back instead of being sent: its endpoint is claimed for again, as it is then. */
const TRUSTED_MS = 1_000;

/** One endpoint that a run of the express lane works for right now. */
export class Serving {
  readonly orgId: string;
  readonly endpointId: string;
  readonly target: DeliveryTarget;
  /** Claimed and not sent. */
  readonly queue: ExpressDelivery[];
  readonly #seenAt = performance.now();
  inFlight = 0;
  /** Sent, and not on record. */
  unrecorded = 0;
  /** It was slow or failed: nothing more is sent to it from here. */
  stopped = false;
  /** Its own workflow serves it from now on, which is on record. */
  left: boolean;
  /** It was woken meanwhile: look again. */
  again = false;

  constructor(orgId: string, endpointId: string, target: DeliveryTarget, queue: ExpressDelivery[], left: boolean) {
    this.orgId = orgId;
    this.endpointId = endpointId;
    this.target = target;
    this.queue = queue;
    this.left = left;
  }

  /** The next delivery that its in-flight cap allows. */
  next(): ExpressDelivery | undefined {
    return this.stopped || this.inFlight >= this.target.maxInFlight ? undefined : this.queue.shift();
  }

  /** What is left was claimed too long ago to be sent as it is. */
  get stale(): boolean {
    return this.queue.length > 0 && performance.now() - this.#seenAt > TRUSTED_MS;
  }

  get done(): boolean {
    return this.unrecorded === 0 && this.queue.length === 0;
  }

  /** Empties the queue, whose deliveries are to be given back and the endpoint looked at again. Until then it counts as one more that is sent. */
  takeBack(): string[] {
    const unsent = this.queue.splice(0).map(({ id }) => id);
    if (unsent.length > 0) {
      this.again = true;
      this.unrecorded += 1;
    }
    return unsent;
  }

  /** What is given back when it leaves. */
  leaving(): Leaving {
    return { endpointId: this.endpointId, target: this.target, unsent: this.queue.map(({ id }) => id) };
  }
}

/** It failed, or took too long: its endpoint leaves the lane. */
export const wasSlow = ({ errorCode, durationMs }: ExpressResult): boolean => errorCode !== null || durationMs >= SLOW_MS;
