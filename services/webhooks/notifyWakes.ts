import type { Knex } from 'knex';
import type { Statement } from '../../db/flight.ts';
import { preparedAlone } from '../../db/prepared.ts';
import { WAKE_CHANNEL } from './waker.ts';

/**
 * One NOTIFY with entries of `wakeEntry`, for a transaction of its own. It commits without waiting for the disk: a NOTIFY takes a transaction
 * id, and its commit would be flushed like any other, but what a crash of Postgres loses of it is only a hint.
 */
export const wakeNotice = (payload: string): Statement => ({
  name: 'notify-wakes',
  text: "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)",
  values: [WAKE_CHANNEL, payload],
});

/** Sends it. */
export const notifyWakes = (knex: Knex, payload: string): Promise<void> => preparedAlone(knex, wakeNotice(payload));
