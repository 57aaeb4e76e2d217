import type { Actor } from '../context.ts';
import type { IdempotencyClaim } from '../idempotency/claims.ts';

/** An event as a service takes it: validated, ids as database uuids. */
export interface NewEvent {
  type: string;
  data: object;
  occurredAt: Date;
  workspaceId: string | null;
  channels: string[];
  /** Set for a test event: only this endpoint gets it. */
  onlyEndpointId?: string;
}

export interface PublishedEvent {
  id: string;
  type: string;
  occurredAt: Date;
  /** How many deliveries were written with it. */
  deliveries: number;
}

/** One request to publish: all of its events are written, or none. */
export interface PublishRequest {
  actor: Actor;
  events: NewEvent[];
  claim: IdempotencyClaim | null;
  /** Audit action; `events.publish` unless said otherwise. */
  action?: string;
  /** The answer to store for the claim; runs inside the transaction, so it must not wait for anything. */
  answer?: (published: PublishedEvent[]) => { status: number; body: unknown };
}

/** A request as it waits for its batch: the text to store and post is made when it is handed in, so that its size is known. */
export interface PreparedRequest extends PublishRequest {
  /** One for each event. */
  payloads: string[];
}
