import { prepared } from '../../db/prepared.ts';
import type { Sender } from '../../db/prepared.ts';
import { ENTRIES_PER_NOTIFY, WAKE_CHANNEL, changeEntry } from './waker.ts';

/**
 * Tells whoever holds claimed deliveries to these endpoints (database uuids) to look at them, and at the endpoint, again before anything more
 * is sent. Postgres passes it on with the commit, and not without it. It is a hint like a wake-up: what a worker claimed more than a second
 * ago it looks at again by itself.
 */
export async function announceChange(sender: Sender, endpointIds: string[]): Promise<void> {
  for (let start = 0; start < endpointIds.length; start += ENTRIES_PER_NOTIFY) {
    const { channel, payload } = changeAnnouncement(endpointIds.slice(start, start + ENTRIES_PER_NOTIFY));
    await prepared(sender, 'announce-change', 'SELECT pg_notify($1, $2)', [channel, payload]);
  }
}

/** The same for a statement that notifies itself; at most ENTRIES_PER_NOTIFY endpoints. */
export const changeAnnouncement = (endpointIds: readonly string[]): { channel: string; payload: string } => ({
  channel: WAKE_CHANNEL,
  payload: endpointIds.map(changeEntry).join(','),
});
