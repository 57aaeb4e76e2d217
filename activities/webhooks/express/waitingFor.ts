import type { ExpressWork } from '../../../services/webhooks/express/findWork.ts';

/** What the workflow of a shard says in the Temporal UI while nothing runs. */
export function waitingFor(next: ExpressWork | undefined, served: number): string {
  return next ? `${served} endpoints served, next due at ${next.dueAt.toISOString().slice(11, 19)}Z` : 'nothing is due';
}
