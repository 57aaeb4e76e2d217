import { SLOW_MS } from '../../../services/webhooks/express/lane.ts';
import type { ExpressResult } from '../../../services/webhooks/express/record.ts';
import type { ExpressDelivery } from '../../../services/webhooks/express/claim.ts';
import type { DeliveryTarget } from '../../../services/webhooks/target.ts';
import type { Leaving } from './expressStore.ts';

/** One endpoint that a run of the express lane works for right now. */
export class Serving {
  readonly orgId: string;
  readonly endpointId: string;
  readonly target: DeliveryTarget;
  /** Claimed and not sent. */
  readonly queue: ExpressDelivery[];
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

  get done(): boolean {
    return this.unrecorded === 0 && this.queue.length === 0;
  }

  /** What is given back when it leaves. */
  leaving(): Leaving {
    return { endpointId: this.endpointId, target: this.target, unsent: this.queue.map(({ id }) => id) };
  }
}

/** It failed, or took too long: its endpoint leaves the lane. */
export const wasSlow = ({ errorCode, durationMs }: ExpressResult): boolean => errorCode !== null || durationMs >= SLOW_MS;
