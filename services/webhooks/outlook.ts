import type { Transaction } from 'objection';
import type { EndpointHealth } from './health.ts';

/** What an endpoint's unfinished deliveries wait for. */
export interface Outlook {
  /** Null: nothing is due and nothing is scheduled. */
  nextDueAt: Date | null;
  /** One line for a person, shown in the Temporal Web UI: "3 retrying, next at 14:05:10Z, last: 503". */
  waitingFor: string;
}

interface OutlookRow {
  next_due_at: Date | null;
  retrying: number;
  waiting: number;
  last: string | null;
}

const EARLIEST = 'min(greatest(next_attempt_at, claimed_until))';
/** What stands behind the head may be due long before it, and waits all the same. */
const OF_THE_HEAD = '(array_agg(greatest(next_attempt_at, claimed_until) ORDER BY id))[1]';

/** A claimed row is due when its lease ends: until then somebody works on it. */
export async function readOutlook(
  trx: Transaction,
  { orgId, endpointId, ordered, health }: { orgId: string; endpointId: string; ordered: boolean; health: EndpointHealth | null },
): Promise<Outlook> {
  const { rows } = await trx.raw<{ rows: OutlookRow[] }>(
    `SELECT ${ordered ? OF_THE_HEAD : EARLIEST} AS next_due_at,
            count(*) FILTER (WHERE status = 'retrying')::int AS retrying,
            count(*) FILTER (WHERE status <> 'retrying')::int AS waiting,
            (array_agg(coalesce(last_status_code::text, last_error_code) ORDER BY next_attempt_at) FILTER (WHERE status = 'retrying'))[1] AS last
       FROM deliveries WHERE org_id = ? AND endpoint_id = ? AND next_attempt_at IS NOT NULL`,
    [orgId, endpointId],
  );
  const row = rows[0];
  return row ? held(row, health) : { nextDueAt: null, waitingFor: 'nothing' };
}

/** Nothing is due before the endpoint may be sent to again. */
function held(row: OutlookRow, health: EndpointHealth | null): Outlook {
  const heldUntil = health?.heldUntil ?? null;
  const waits = row.next_due_at !== null && heldUntil !== null && heldUntil > row.next_due_at;
  const nextDueAt = waits ? heldUntil : row.next_due_at;
  const waitingFor = describe({ ...row, next_due_at: nextDueAt });
  return {
    nextDueAt,
    waitingFor: health?.status === 'failing' && nextDueAt !== null ? `failing, one probe at a time: ${waitingFor}` : waitingFor,
  };
}

function describe({ next_due_at: nextDueAt, retrying, waiting, last }: OutlookRow): string {
  if (nextDueAt === null) return 'nothing: all deliveries are finished';
  const parts = [
    retrying > 0 ? `${retrying} retrying` : null,
    waiting > 0 ? `${waiting} waiting` : null,
    `next at ${nextDueAt.toISOString().slice(11, 19)}Z`,
  ];
  if (last !== null) parts.push(`last: ${last}`);
  return parts.filter((part) => part !== null).join(', ');
}
