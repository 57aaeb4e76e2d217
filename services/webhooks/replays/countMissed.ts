import type { Transaction } from 'objection';
import type { WebhookEndpoint } from '../../../db/models/WebhookEndpoint.ts';
import type { EventRange } from '../../../db/queries/eventsWithoutDelivery.ts';
import { lookForMissed } from './missed.ts';

export interface Count {
  matching: number;
  /** false: counting ended early, and there may be more. */
  exact: boolean;
}

const PAGE = 2_000;

/** How many events of the range the endpoint missed, among the first `mostLookedAt` of it. Holds one page at a time. */
export async function countMissed(
  trx: Transaction,
  endpoint: WebhookEndpoint,
  range: Omit<EventRange, 'after' | 'limit'>,
  mostLookedAt: number,
): Promise<Count> {
  let matching = 0;
  let after: string | null = null;
  for (let looked = 0; looked <= mostLookedAt; looked += PAGE) {
    const { missed, last } = await lookForMissed(trx, endpoint, { ...range, after, limit: PAGE });
    matching += missed.length;
    if (last === null) return { matching, exact: true };
    after = last;
  }
  return { matching, exact: false };
}
