import type { ClaimedDelivery } from '../../services/webhooks/claim.ts';
import type { TargetState } from '../../services/webhooks/target.ts';

/** What a run of an endpoint's own workflow finds. `express`: the endpoint is in the express lane, and this run has to end. */
export type RunTarget = TargetState | 'express';

export interface Claim {
  /** Nothing is claimed for an endpoint that rests, is gone, or is served elsewhere. */
  target: RunTarget;
  deliveries: ClaimedDelivery[];
}

/** What of an endpoint's claimed deliveries may still be sent, and to whom. */
export interface Recheck {
  target: RunTarget;
  wanted: Set<string>;
}
