import type { Knex } from 'knex';
import { commitOnce, XID } from './commitInDoubt.ts';

/** Events of one organization in one month (its first day, `2026-11-01`). */
export interface EventCount {
  orgId: string;
  month: string;
  added: number;
}

/** What is on record after that, and what decides how many there may be. */
export interface EventUsage {
  orgId: string;
  month: string;
  events: number;
  plan: string;
  limitOverrides: unknown;
}

const RECORD = `SELECT org_id AS "orgId", to_char(month, 'YYYY-MM-DD') AS month, events::float8 AS events, plan, limit_overrides AS "limitOverrides", ${XID}
  FROM record_event_usage(?::uuid[], ?::date[], ?::bigint[])`;

/**
 * Adds the counts of any organizations, all or nothing; 0 only asks. Of those that are gone nothing is told.
 * Throws CommitInDoubt when they may have been added; after any other error they are not.
 */
export async function recordEventUsage(knex: Knex, counts: readonly EventCount[]): Promise<EventUsage[]> {
  const columns = [counts.map(({ orgId }) => orgId), counts.map(({ month }) => month), counts.map(({ added }) => added)];
  return commitOnce<EventUsage>(knex, RECORD, columns);
}
