import type { Transaction } from 'objection';
import type { WebhookEndpoint } from '../../../db/models/WebhookEndpoint.ts';
import type { EventRange } from '../../../db/queries/eventsWithoutDelivery.ts';
import { lookForMissed } from './missed.ts';
import type { Missed } from './missed.ts';

export interface Count {
  matching: number;
  /** false: counting ended early, and there may be more. */
  exact: boolean;
}

type InTransaction = <T>(work: (trx: Transaction) => Promise<T>) => Promise<T>;

const MEBIBYTE = 1024 * 1024;
/** What a request may spend on a count. */
const MOST = { ms: 1_000, bytes: 32 * MEBIBYTE };
/** A page is one transaction, after which the connection is free for others: with payloads some 20 ms. */
const PAGE = { events: 2_000, filteredEvents: 500, bytes: MEBIBYTE };

/**
 * How many events of the range the endpoint missed, among those that can be looked at in a second and 32 MiB of payloads.
 * Holds one page at a time, and nothing between two pages.
 */
export async function countMissed(
  inTransaction: InTransaction,
  endpoint: WebhookEndpoint,
  range: Omit<EventRange, 'after' | 'limit'>,
): Promise<Count> {
  const endsAt = performance.now() + MOST.ms;
  const limit = endpoint.filter === null ? PAGE.events : PAGE.filteredEvents;
  let [matching, bytes] = [0, 0];
  let after: string | null = null;
  do {
    const from = after;
    const page: Missed = await inTransaction((trx) => lookForMissed(trx, endpoint, { ...range, after: from, limit }, PAGE.bytes));
    matching += page.missed.length;
    bytes += page.bytes;
    after = page.last;
  } while (after !== null && bytes < MOST.bytes && performance.now() < endsAt);
  return { matching, exact: after === null };
}
