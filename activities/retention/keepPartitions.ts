import { Context } from '@temporalio/activity';
import { daysBefore, longestRetentionDays } from '../../services/retention/days.ts';
import { dropPartitions, ensurePartitions } from '../../services/retention/partitions.ts';
import type { DroppedPartitions } from '../../services/retention/partitions.ts';
import type { ActivityDeps } from '../deps.ts';

const HEARTBEAT_MS = 2_000;

/** Makes the partitions of the coming months and drops those that are older than anybody keeps them. */
export const keepPartitions =
  ({ systemKnex, clock }: ActivityDeps) =>
  async (_args: { v: 1 }): Promise<DroppedPartitions & { made: number }> => {
    const context = Context.current();
    // Counting the rows of a month is one statement, which may take minutes.
    const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
    try {
      const made = await ensurePartitions(systemKnex);
      const days = await systemKnex.transaction((trx) => longestRetentionDays(trx));
      return { made, ...(await dropPartitions(systemKnex, daysBefore(clock.now(), days))) };
    } finally {
      clearInterval(beat);
    }
  };
