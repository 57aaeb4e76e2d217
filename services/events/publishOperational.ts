import type { Transaction } from 'objection';
import type { Actor } from '../context.ts';
import { envelope } from './envelope.ts';
import { sendBatch } from './sendBatch.ts';
import type { BatchDeps } from './sendBatch.ts';

/** An event that the platform tells an organization's administrators about itself. */
interface OperationalEvent {
  type: string;
  data: object;
}

/** Publishes them in the transaction of what they report, to the endpoints that asked for them. The outbox rows wake these. */
export async function publishOperational(
  trx: Transaction,
  actor: Actor,
  reports: OperationalEvent[],
  deps: Pick<BatchDeps, 'clock' | 'audit'>,
): Promise<void> {
  if (reports.length === 0) return;
  const events = reports.map(({ type, data }) => ({
    type,
    data,
    occurredAt: deps.clock.now(),
    workspaceId: actor.workspaceId,
    channels: [],
  }));
  const { written } = await sendBatch(trx, actor.orgId, [{ actor, events, claim: null, payloads: events.map(envelope) }], deps);
  await written;
}
