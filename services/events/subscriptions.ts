import { LRUCache } from 'lru-cache';
import { textArray, uuidArray } from '../../db/binaryArrays.ts';
import { prepared } from '../../db/prepared.ts';
import type { Sender } from '../../db/prepared.ts';
import { patternsMatching } from '../eventTypes/patterns.ts';
import { compileFilter } from '../webhooks/filter/match.ts';
import type { Subscription } from './match.ts';
import type { NewEvent } from './newEvent.ts';

/** Endpoints that may get some events now. */
export interface Subscriptions {
  subscriptions: Subscription[];
  /** Those in the express lane. */
  express: Set<string>;
}

interface Known extends Subscriptions {
  /** What CHECK compares. */
  digest: string;
}

/** Endpoints in all entries together; each takes about a kilobyte. */
const KNOWN_ENDPOINTS = 20_000;

/**
 * What was read for earlier batches, by organization and by what their events were. It may be out of date at any time: who publishes with it
 * has Postgres compare it first, in the same transaction and without waiting for the answer.
 */
export class KnownSubscriptions {
  readonly #known = new LRUCache<string, Known>({
    maxSize: KNOWN_ENDPOINTS,
    sizeCalculation: ({ subscriptions }) => subscriptions.length + 1,
  });

  get(key: string): Known | undefined {
    return this.#known.get(key);
  }

  set(key: string, known: Known): void {
    this.#known.set(key, known);
  }

  /** Nothing is remembered of the organization (uuid) any more. */
  forget(orgId: string): void {
    for (const key of this.#known.keys()) if (key.startsWith(orgId)) this.#known.delete(key);
  }
}

/** SQLSTATE of refuse_known_subscriptions. */
const REFUSED = 'AP001';

/** Whether a batch was refused because subscriptions had changed since they were read. It wrote nothing. */
export const isOutOfDate = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === REFUSED;

/** Whom no event of the batch can concern is left out here already: an organization may have hundreds of endpoints, and an event few of them. */
const CONCERNED = `SELECT id, event_types, channels, workspace_id, filter, lane FROM webhook_endpoints
  WHERE org_id = $1 AND deleted_at IS NULL AND status <> 'disabled'
    AND (id = ANY($4::uuid[]) OR (event_types && $2::text[] AND (channels = '{}' OR channels && $3::text[])))`;
const DIGEST = 'sum(hash_record_extended(concerned, 0))';

export const READ = `SELECT id, event_types AS "eventTypes", channels, workspace_id AS "workspaceId", filter, lane, (${DIGEST} OVER ())::text AS digest
  FROM (${CONCERNED}) AS concerned`;
export const CHECK = `SELECT CASE WHEN coalesce((SELECT ${DIGEST}::text FROM (${CONCERNED}) AS concerned), '') <> $5 THEN refuse_known_subscriptions() END`;

/**
 * Endpoints that may get these events of an organization. Of what `known` has nothing is waited for: the transaction fails with isOutOfDate when
 * it is not so any more. FOR KEY SHARE is not needed: an endpoint deleted meanwhile has its deliveries cancelled by its workflow.
 */
export async function subscriptionsTo(
  events: NewEvent[],
  { sender, orgId, known }: { sender: Sender; orgId: string; known?: KnownSubscriptions | undefined },
): Promise<Subscriptions> {
  const { patterns, channels, only } = concernedBy(events);
  const values = [orgId, textArray(patterns), textArray(channels), uuidArray(only)];
  const key = [orgId, ...patterns, '', ...channels, '', ...only].join(' ');
  const before = known?.get(key);
  if (before) {
    // Whoever commits hears of its failure.
    prepared(sender, 'check-subscriptions', CHECK, [...values, before.digest]).catch(() => undefined);
    return before;
  }
  type Row = Omit<Subscription, 'accepts'> & { filter: unknown; lane: string; digest: string };
  const { rows } = await prepared<Row>(sender, 'read-subscriptions', READ, values);
  const read = {
    subscriptions: rows.map(({ filter, lane: _lane, digest: _digest, ...subscription }) => ({
      ...subscription,
      accepts: compileFilter(filter),
    })),
    express: new Set(rows.filter(({ lane }) => lane === 'express').map(({ id }) => id)),
    digest: rows[0]?.digest ?? '',
  };
  known?.set(key, read);
  return read;
}

/** The patterns, the channels, and the single endpoints that the events go to, each in order. */
function concernedBy(events: NewEvent[]): { patterns: string[]; channels: string[]; only: string[] } {
  const types = new Set(events.map(({ type }) => type));
  return {
    patterns: [...new Set([...types].flatMap(patternsMatching))].toSorted(),
    channels: [...new Set(events.flatMap((event) => event.channels))].toSorted(),
    only: [...new Set(events.flatMap(({ onlyEndpointId }) => onlyEndpointId ?? []))],
  };
}
