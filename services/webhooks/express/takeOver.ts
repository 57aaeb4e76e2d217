import type { Transaction } from 'objection';
import type { DeliveryTarget, TargetState } from '../target.ts';
import { isServedByExpress, leaveExpress } from './lane.ts';

/** The longest timeout of an endpoint: by then the express lane has nothing on its way to an endpoint that left it. */
const LONGEST_REQUEST_MS = 300_000;

/**
 * Whether a run of the endpoint's own workflow must leave it to the express lane: it was woken by mistake, or (`begun`: it has served the endpoint)
 * it only seemed dead, and the run after it moved the endpoint. The workflow may have ended with that one: who took the endpoint out now would
 * leave it to nobody.
 */
export function isElsewhere(state: TargetState, begun: boolean): boolean {
  return begun ? typeof state === 'object' && state.lane === 'express' : isServedByExpress(state);
}

/**
 * An endpoint that its own workflow works for is in no other lane. What the express lane still has on its way counts
 * against the in-flight cap, so the target returned may allow less than the endpoint's settings, or nothing yet.
 */
export async function takeOver(
  trx: Transaction,
  target: DeliveryTarget,
  { orgId, endpointId, claimId }: { orgId: string; endpointId: string; claimId: string },
): Promise<DeliveryTarget> {
  if (target.lane === 'express') await leaveExpress(trx, orgId, [endpointId]);
  else if (target.laneSince === null || Date.now() - target.laneSince.getTime() > LONGEST_REQUEST_MS) return target;
  const { rows } = await trx.raw<{ rows: { elsewhere: number }[] }>(
    `SELECT count(*)::int AS elsewhere FROM deliveries
      WHERE org_id = ? AND endpoint_id = ? AND next_attempt_at IS NOT NULL AND claimed_until > now() AND claim_id <> ?`,
    [orgId, endpointId, claimId],
  );
  return { ...target, maxInFlight: Math.max(0, target.maxInFlight - (rows[0]?.elsewhere ?? 0)) };
}
