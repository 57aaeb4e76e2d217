import type { Transaction } from 'objection';
import type { ActivityDeps } from '../deps.ts';
import type { Actor } from '../../services/context.ts';
import { appendAuditBatch } from '../../services/audit/append.ts';
import { cancelUnfinished } from '../../services/webhooks/cancelUnfinished.ts';
import { claimDue, releaseUnsent, renewLease } from '../../services/webhooks/claim.ts';
import type { ClaimedDelivery } from '../../services/webhooks/claim.ts';
import { readOutlook } from '../../services/webhooks/outlook.ts';
import type { Outlook } from '../../services/webhooks/outlook.ts';
import { recordResults } from '../../services/webhooks/record.ts';
import type { AttemptResult } from '../../services/webhooks/record.ts';
import { loadTarget } from '../../services/webhooks/target.ts';
import type { TargetState } from '../../services/webhooks/target.ts';
import { newId, typeId } from '../../server/ids.ts';
import { withTenant } from '../../db/tenancy.ts';

/** An endpoint may change while its activity lives; it is read again this often. */
const TARGET_FRESH_MS = 1_000;

export interface Claim {
  /** Nothing is claimed for an endpoint that rests or is gone. */
  target: TargetState;
  deliveries: ClaimedDelivery[];
}

/** What one run of the delivery activity reads and writes in Postgres, all under one claim id. */
export class DeliveryStore {
  readonly #deps: ActivityDeps;
  readonly #orgId: string;
  readonly #endpointId: string;
  readonly #claimId = newId();
  readonly #leaseMs: number;
  readonly #actor: Actor;
  #target: TargetState | null = null;
  #targetReadAt = 0;

  constructor(deps: ActivityDeps, actor: Actor, endpointId: string) {
    this.#deps = deps;
    this.#actor = actor;
    this.#orgId = actor.orgId;
    this.#endpointId = endpointId;
    this.#leaseMs = deps.config.WEBHOOK_LEASE_SECONDS * 1_000;
  }

  claim(limit: number): Promise<Claim> {
    return this.#inTenant(async (trx) => {
      const target = await this.#freshTarget(trx);
      if (typeof target === 'string') return { target, deliveries: [] };
      const size = target.ordered ? { limit: 1, ordered: true } : { limit, ordered: false };
      return { target, deliveries: await claimDue(trx, { ...this.#claimed(), ...size, leaseMs: this.#leaseMs }) };
    });
  }

  renew(): Promise<void> {
    return this.#inTenant((trx) => renewLease(trx, { ...this.#claimed(), leaseMs: this.#leaseMs }));
  }

  release(deliveryIds: string[]): Promise<void> {
    return this.#inTenant((trx) => releaseUnsent(trx, this.#orgId, this.#claimId, deliveryIds));
  }

  outlook(): Promise<Outlook> {
    const ordered = typeof this.#target === 'object' && this.#target?.ordered === true;
    return this.#inTenant((trx) => readOutlook(trx, { orgId: this.#orgId, endpointId: this.#endpointId, ordered }));
  }

  /** Attempts, freed rows and, for each delivery that died, an audit leaf: one transaction. */
  record(results: AttemptResult[]): Promise<void> {
    return this.#inTenant(async (trx) => {
      const freed = new Set(await recordResults(trx, { ...this.#claimed(), results }));
      const dead = results.filter(({ deliveryId, verdict }) => verdict.status === 'dead' && freed.has(deliveryId));
      if (dead.length === 0) return;
      await appendAuditBatch(
        trx,
        dead.map((result) => ({ actor: this.#actor, input: deadLetter(result) })),
        this.#deps,
      );
    });
  }

  async #freshTarget(trx: Transaction): Promise<TargetState> {
    if (this.#target !== null && Date.now() - this.#targetReadAt < TARGET_FRESH_MS) return this.#target;
    const target = await loadTarget(trx, this.#deps.vault, this.#orgId, this.#endpointId);
    if (target === 'gone') await cancelUnfinished(trx, this.#orgId, this.#endpointId);
    this.#target = target;
    this.#targetReadAt = Date.now();
    return target;
  }

  #claimed() {
    return { orgId: this.#orgId, endpointId: this.#endpointId, claimId: this.#claimId };
  }

  #inTenant<T>(work: (trx: Transaction) => Promise<T>): Promise<T> {
    return withTenant(this.#deps.knex, this.#orgId, work);
  }
}

function deadLetter({ deliveryId, statusCode, errorCode }: AttemptResult) {
  return {
    action: 'webhooks.deliveries.dead',
    category: 'data_modification' as const,
    severity: 'warning' as const,
    outcome: 'failure' as const,
    reason: statusCode === null ? (errorCode ?? 'unknown') : `http_${statusCode}`,
    targets: [{ type: 'delivery', id: typeId('dlv', deliveryId) }],
  };
}
