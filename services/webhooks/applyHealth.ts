import type { Transaction } from 'objection';
import { typeId } from '../../server/ids.ts';
import { appendAuditBatch } from '../audit/append.ts';
import type { Actor } from '../context.ts';
import { publishOperational } from '../events/publishOperational.ts';
import type { BatchDeps } from '../events/sendBatch.ts';
import { observe } from './health.ts';
import type { EndpointHealth } from './health.ts';
import type { AttemptResult } from './record.ts';
import type { RetryPolicy } from './schedule.ts';

interface HealthChange {
  actor: Actor;
  endpointId: string;
  retries: RetryPolicy;
  results: AttemptResult[];
}

interface Row {
  name: string;
  status: EndpointHealth['status'] | 'paused';
  consecutive_failures: number;
  failing_since: Date | null;
  held_until: Date | null;
}

/**
 * Brings an endpoint's health up to date with these attempts, in the transaction that records them. A change of status is an audit entry and
 * an operational event. A status that a person set meanwhile (paused, disabled) stays. Returns the health that holds from now on.
 */
export async function applyHealth(
  trx: Transaction,
  { actor, endpointId, retries, results }: HealthChange,
  deps: BatchDeps,
): Promise<EndpointHealth | null> {
  const where = { org_id: actor.orgId, id: endpointId };
  const columns = ['name', 'status', 'consecutive_failures', 'failing_since', 'held_until'];
  const row = await trx('webhook_endpoints').where(where).forNoKeyUpdate().first<Row | undefined>(columns);
  if (row === undefined || row.status === 'paused' || row.status === 'disabled') return null;
  const before = healthOf(row.status, row);
  const after = results
    .filter(({ errorCode }) => errorCode !== 'interrupted')
    .reduce((health, result) => observe(health, observation(result), retries, deps.clock.now()), before);
  await trx('webhook_endpoints').where(where).update({
    status: after.status,
    consecutive_failures: after.consecutiveFailures,
    failing_since: after.failingSince,
    held_until: after.heldUntil,
  });
  if (after.status !== before.status) await announce(trx, { actor, endpointId, name: row.name, before, after }, deps);
  return after;
}

const healthOf = (status: EndpointHealth['status'], row: Row): EndpointHealth => ({
  status,
  consecutiveFailures: row.consecutive_failures,
  failingSince: row.failing_since,
  heldUntil: row.held_until,
});

const observation = ({ startedAt, errorCode, statusCode, retryAfterMs }: AttemptResult) => ({
  startedAt,
  ok: errorCode === null,
  statusCode,
  retryAfterMs,
});

interface StatusChange {
  actor: Actor;
  endpointId: string;
  name: string;
  before: EndpointHealth;
  after: EndpointHealth;
}

async function announce(trx: Transaction, { actor, endpointId, name, before, after }: StatusChange, deps: BatchDeps): Promise<void> {
  const verb = after.status === 'active' ? ('recovered' as const) : after.status;
  const id = typeId('whk', endpointId);
  const input = {
    action: `webhooks.${verb}`,
    category: 'system_config' as const,
    severity: verb === 'recovered' ? ('info' as const) : ('warning' as const),
    targets: [{ type: 'webhook', id, name }],
    before: { status: before.status },
    after: { status: after.status },
  };
  await appendAuditBatch(trx, [{ actor, input }], deps.audit);
  const data = {
    webhook_id: id,
    name,
    status: after.status,
    consecutive_failures: after.consecutiveFailures,
    failing_since: (after.failingSince ?? before.failingSince)?.toISOString() ?? null,
  };
  await publishOperational(trx, actor, [{ type: `webhook.endpoint.${verb}`, data }], deps);
}
