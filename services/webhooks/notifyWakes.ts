import type { Knex } from 'knex';
import { WAKE_CHANNEL } from './waker.ts';

/**
 * Sends one NOTIFY with entries of `wakeEntry`. It commits without waiting for the disk: a NOTIFY takes a transaction id, and its commit
 * would be flushed like any other, but what a crash of Postgres loses of it is only a hint.
 */
export async function notifyWakes(knex: Knex, payload: string): Promise<void> {
  await knex.raw("SELECT set_config('synchronous_commit', 'off', true), pg_notify(?, ?)", [WAKE_CHANNEL, payload]);
}
