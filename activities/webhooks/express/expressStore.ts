import type { Transaction } from 'objection';
import { newId } from '../../../server/ids.ts';
import type { Actor } from '../../../services/context.ts';
import { enqueueWake, settleExpress } from '../../../services/outbox/wakes.ts';
import type { PromisedWake } from '../../../services/outbox/wakes.ts';
import { applyHealth } from '../../../services/webhooks/applyHealth.ts';
import { releaseUnsent } from '../../../services/webhooks/claim.ts';
import { claimExpress, renewExpress } from '../../../services/webhooks/express/claim.ts';
import type { ExpressDelivery } from '../../../services/webhooks/express/claim.ts';
import { findExpressWork } from '../../../services/webhooks/express/findWork.ts';
import type { ExpressWork } from '../../../services/webhooks/express/findWork.ts';
import { keepWake } from '../../../services/webhooks/express/keepWake.ts';
import { isServedByExpress, leaveExpress } from '../../../services/webhooks/express/lane.ts';
import { recordExpress } from '../../../services/webhooks/express/record.ts';
import type { ExpressResult } from '../../../services/webhooks/express/record.ts';
import type { EndpointRef } from '../../../services/webhooks/lifecycle.ts';
import { reportDead } from '../../../services/webhooks/reportDead.ts';
import { loadTargets } from '../../../services/webhooks/target.ts';
import type { DeliveryTarget } from '../../../services/webhooks/target.ts';
import { bestEffort } from '../../../services/bestEffort.ts';
import { withPipeline } from '../../../db/pipeline.ts';
import type { TenantPipeline } from '../../../db/pipeline.ts';
import { withTenant } from '../../../db/tenancy.ts';
import type { ActivityDeps } from '../../deps.ts';
import { MOST_OF_ONE } from './sparsity.ts';

const MOST_FOUND = 2_000;

export interface ExpressClaim {
  targets: Map<string, DeliveryTarget>;
  deliveries: ExpressDelivery[];
  /** Those that have too much to do: they left the lane with this claim. */
  busy: ReadonlySet<string>;
  /** Those of which some may have been left out. */
  again: string[];
}

/** An endpoint that leaves the express lane, with what was claimed for it and not sent. */
export interface Leaving {
  endpointId: string;
  unsent: string[];
  target: DeliveryTarget;
}

/** What one run of the express lane reads and writes in Postgres: everything but finding work in transactions fenced to one organization. */
export class ExpressStore {
  readonly #deps: ActivityDeps;
  readonly #actor: (endpoint: EndpointRef) => Actor;
  readonly #claimId = newId();
  readonly #leaseMs: number;

  constructor(deps: ActivityDeps, actor: (endpoint: EndpointRef) => Actor) {
    this.#deps = deps;
    this.#actor = actor;
    this.#leaseMs = deps.config.WEBHOOK_LEASE_SECONDS * 1_000;
  }

  /** Ids of endpoints, over all organizations. */
  findWork(shard: number): Promise<ExpressWork[]> {
    return this.#deps.systemKnex.transaction((trx) => findExpressWork(trx, shard, MOST_FOUND));
  }

  /** Claims for the endpoints that the express lane may serve now. The others' own workflows are woken, and those of the busy ones, who leave the lane. */
  async claim(
    orgId: string,
    endpointIds: string[],
    limit: number,
    isBusy: (endpointId: string, claimed: number) => boolean,
  ): Promise<ExpressClaim> {
    const { wakes, ...claim } = await this.#inTenant(orgId, async (trx) => {
      const states = await loadTargets(trx, await this.#deps.vault.of(trx, orgId), orgId, endpointIds);
      const targets = new Map([...states].filter((entry): entry is [string, DeliveryTarget] => isServedByExpress(entry[1])));
      const claimIds = { endpointIds: [...targets.keys()], claimId: this.#claimId };
      // In this order: what was promised in between is seen by the claim, and not the other way round.
      const settled = settleExpress(trx, orgId, claimIds.endpointIds);
      const claiming = claimExpress(trx, { orgId, ...claimIds, each: MOST_OF_ONE, limit, leaseMs: this.#leaseMs });
      const [{ deliveries, claimed, full }] = await Promise.all([claiming, settled]);
      const busy = [...targets.keys()].filter((id) => isBusy(id, claimed.get(id) ?? 0));
      const others = endpointIds.filter((id) => !targets.has(id) && states.get(id) !== 'resting');
      const leftOut = (id: string): boolean => full || claimed.get(id) === MOST_OF_ONE;
      const again = [...targets.keys()].filter((id) => leftOut(id) && !busy.includes(id));
      const wakes = [...(await this.#leave(trx, orgId, busy)), ...(await enqueueWake(trx, orgId, others))];
      return { targets, deliveries, busy: new Set(busy), again, wakes };
    });
    void this.#wake(wakes);
    return claim;
  }

  /** Attempts, freed rows, health, and who leaves the lane: one transaction. */
  async record(orgId: string, results: ExpressResult[], leaving: Leaving[]): Promise<void> {
    if (leaving.length === 0) return this.#recordAlone(orgId, results);
    const wakes = await this.#inTenant(orgId, async (trx) => {
      const freed = new Set(await recordExpress(trx, { orgId, claimId: this.#claimId, results }));
      for (const { endpointId, target, unsent } of leaving) {
        const own = results.filter((result) => result.endpointId === endpointId);
        await this.#judge(trx, { orgId, endpointId }, target, { own, freed });
        await releaseUnsent(trx, orgId, this.#claimId, unsent);
      }
      const ids = leaving.map(({ endpointId }) => endpointId);
      return this.#leave(trx, orgId, ids);
    });
    void this.#wake(wakes);
  }

  /** The usual case, in one round trip. */
  #recordAlone(orgId: string, results: ExpressResult[]): Promise<void> {
    const send = async (pipeline: TenantPipeline): Promise<void> => {
      const recorded = recordExpress(pipeline, { orgId, claimId: this.#claimId, results });
      void pipeline.commit();
      await recorded;
    };
    return this.#deps.fair.database.run(orgId, () => withPipeline(this.#deps.knex, orgId, send));
  }

  /** Hands an endpoint over at once, before its slow answer has come. */
  async handOver(orgId: string, { endpointId, unsent }: Leaving): Promise<void> {
    const wakes = await this.#inTenant(orgId, async (trx) => {
      await releaseUnsent(trx, orgId, this.#claimId, unsent);
      return this.#leave(trx, orgId, [endpointId]);
    });
    await this.#wake(wakes);
  }

  release(orgId: string, deliveryIds: string[]): Promise<void> {
    return this.#inTenant(orgId, (trx) => releaseUnsent(trx, orgId, this.#claimId, deliveryIds));
  }

  renew(orgId: string, deliveryIds: string[]): Promise<void> {
    return this.#inTenant(orgId, (trx) => renewExpress(trx, { orgId, deliveryIds, claimId: this.#claimId, leaseMs: this.#leaseMs }));
  }

  async #judge(trx: Transaction, ref: EndpointRef, { retries }: DeliveryTarget, { own, freed }: Judged): Promise<void> {
    if (own.every(({ errorCode }) => errorCode === null)) return;
    const { clock, subjectKeys, vault } = this.#deps;
    const batch = { clock, audit: { clock, subjectKeys }, claims: { vault } };
    const dead = own.filter(({ deliveryId, verdict }) => verdict.status === 'dead' && freed.has(deliveryId));
    await reportDead(trx, this.#actor(ref), ref.endpointId, dead, batch);
    await applyHealth(trx, { actor: this.#actor(ref), endpointId: ref.endpointId, retries, results: own }, batch);
  }

  /** The wake-ups are promised with the change: who leaves is served by its own workflow, also when this process dies now. */
  async #leave(trx: Transaction, orgId: string, endpointIds: string[]): Promise<PromisedWake[]> {
    if (endpointIds.length === 0) return [];
    const left = await leaveExpress(trx, orgId, endpointIds);
    this.#deps.metrics.laneChanged('own', left.length);
    return enqueueWake(trx, orgId, endpointIds);
  }

  async #wake(wakes: PromisedWake[]): Promise<void> {
    for (const wake of wakes) await bestEffort(this.#deps.logger, 'the relay wakes the endpoint', keepWake(this.#deps, wake));
  }

  #inTenant<T>(orgId: string, work: (trx: Transaction) => Promise<T>): Promise<T> {
    return this.#deps.fair.database.run(orgId, () => withTenant(this.#deps.knex, orgId, work));
  }
}

interface Judged {
  own: ExpressResult[];
  freed: Set<string>;
}
