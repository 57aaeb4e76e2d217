import { newId } from '../../../server/ids.ts';

type Row = Record<string, unknown>;

export const sessionRow = (user_id: string) => ({
  user_id,
  id: newId(),
  amr: ['pwd'],
  auth_time: new Date(),
  expires_at: new Date(Date.now() + 60_000),
});

/** One row for every table that belongs to a person, parents first. A new table must be added: the isolation tests compare this list with the catalog. */
export function userRows(userId: string): Record<string, Row> {
  return { sessions: sessionRow(userId) };
}
