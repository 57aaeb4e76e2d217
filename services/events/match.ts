import { patternsMatching } from '../eventTypes/patterns.ts';
import type { DataFilter } from '../webhooks/filter/match.ts';

/** What of an endpoint decides whether an event goes to it. */
export interface Subscription {
  id: string;
  /** `lead.created`, `lead.*` or `*`. */
  eventTypes: string[];
  /** Empty: every event, whatever its channels. */
  channels: string[];
  workspaceId: string | null;
  /** The endpoint's payload filter, ready to be asked. */
  accepts: DataFilter;
}

export interface Matchable {
  type: string;
  data: object;
  channels: string[];
  workspaceId: string | null;
  /** Set for a test event: it goes to this endpoint alone, whatever that one subscribes to. */
  onlyEndpointId?: string | undefined;
}

/** The endpoints that get the event, each once. */
export function matchSubscriptions<S extends Subscription>(event: Matchable, subscriptions: S[]): S[] {
  if (event.onlyEndpointId !== undefined) return subscriptions.filter((subscription) => subscription.id === event.onlyEndpointId);
  const patterns = patternsMatching(event.type);
  return subscriptions.filter(
    ({ eventTypes, channels, workspaceId, accepts }) =>
      patterns.some((pattern) => eventTypes.includes(pattern)) &&
      (channels.length === 0 || channels.some((channel) => event.channels.includes(channel))) &&
      (workspaceId === null || workspaceId === event.workspaceId) &&
      accepts(event.data),
  );
}
