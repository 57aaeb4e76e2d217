import type { Transaction } from 'objection';

interface HoldingRange {
  orgId: string;
  /** Only events that were accepted before this erasure was requested: both times are the database's. */
  erasureId: string;
  /** Only events of this workspace; null: of all. */
  workspaceId: string | null;
  /** JSON text, as JSON.stringify writes it: payloads are written by it too, so a payload with the value has this text in it. */
  text: string;
  /** Only events newer than this one. */
  after: string | null;
  /** No id is later than this. */
  until: Date;
  /** How many events are looked at. */
  limit: number;
}

/** Looks at the next events that have a payload; `holding` are those with the text anywhere in it. */
export async function eventsHolding(
  trx: Transaction,
  { orgId, erasureId, workspaceId, text, after, until, limit }: HoldingRange,
): Promise<{ holding: string[]; looked: number; last: string | null }> {
  const query = trx('events').where({ org_id: orgId }).whereNotNull('payload').orderBy('id').limit(limit);
  void query.whereRaw('id < uuidv7_floor(?)', [until]);
  // In SQL, because a Date has no microseconds.
  void query.whereRaw('created_at <= (SELECT created_at FROM payload_erasures WHERE org_id = ? AND id = ?)', [orgId, erasureId]);
  if (after !== null) void query.where('id', '>', after);
  if (workspaceId !== null) void query.where({ workspace_id: workspaceId });
  const rows = await query.select<{ id: string; holds: boolean }[]>('id', trx.raw('strpos(payload, ?) > 0 AS holds', [text]));
  return { holding: rows.filter(({ holds }) => holds).map(({ id }) => id), looked: rows.length, last: rows.at(-1)?.id ?? null };
}

/** The payloads of these events, of those that have one. */
export async function payloadsOf(trx: Transaction, orgId: string, ids: string[]): Promise<{ id: string; payload: string }[]> {
  return trx('events')
    .where({ org_id: orgId })
    .whereNotNull('payload')
    .whereRaw('id = ANY(?::uuid[])', [ids])
    .select<{ id: string; payload: string }[]>('id', 'payload');
}
