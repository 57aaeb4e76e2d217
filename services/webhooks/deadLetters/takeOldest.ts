import type { QueryBuilder } from 'objection';
import type { Delivery } from '../../../db/models/Delivery.ts';

/** More than these are not counted: the answer is "at least". */
const COUNTED = 10_000;

/** Locks the oldest of what the query finds. Those that another request is changing right now are left to it. */
export async function takeOldest(query: QueryBuilder<Delivery>, limit: number): Promise<Pick<Delivery, 'id' | 'endpointId'>[]> {
  return query.select('id', 'endpoint_id').orderBy('id').limit(limit).forUpdate().skipLocked();
}

/** How many the query finds, at most 10,000. */
export async function countUpTo(query: QueryBuilder<Delivery>): Promise<number> {
  return query.limit(COUNTED).resultSize();
}
