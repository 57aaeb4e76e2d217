import { Context } from '@temporalio/activity';
import { bestEffort } from '../../services/bestEffort.ts';
import type { ActivityDeps } from '../deps.ts';

const HEARTBEAT_MS = 1_000;

/** Heartbeats, and renews leases well before they end, for as long as the work of an activity goes on. */
export async function keepAlive<T>(deps: ActivityDeps, renew: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const heartbeat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  const renewMs = (deps.config.WEBHOOK_LEASE_SECONDS * 1_000) / 3;
  const renewal = setInterval(() => void bestEffort(deps.logger, 'the next renewal comes before the lease ends', renew()), renewMs);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    clearInterval(heartbeat);
  }
}
