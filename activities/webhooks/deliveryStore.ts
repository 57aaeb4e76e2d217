import type { Transaction } from 'objection';
import type { ActivityDeps } from '../deps.ts';
import type { Actor } from '../../services/context.ts';
import type { BatchDeps } from '../../services/events/sendBatch.ts';
import { applyHealth } from '../../services/webhooks/applyHealth.ts';
import { cancelUnfinished } from '../../services/webhooks/cancelUnfinished.ts';
import { claimDue, releaseUnsent, renewLease } from '../../services/webhooks/claim.ts';
import { moveIfProven } from '../../services/webhooks/express/lane.ts';
import { passToExpress } from '../../services/webhooks/express/passOn.ts';
import { isElsewhere, takeOver } from '../../services/webhooks/express/takeOver.ts';
import type { EndpointHealth } from '../../services/webhooks/health.ts';
import { keepWanted } from '../../services/webhooks/keepWanted.ts';
import { settleServed } from '../../services/outbox/wakes.ts';
import { reportDead } from '../../services/webhooks/reportDead.ts';
import { readOutlook } from '../../services/webhooks/outlook.ts';
import type { Outlook } from '../../services/webhooks/outlook.ts';
import { recordResults } from '../../services/webhooks/record.ts';
import type { AttemptResult } from '../../services/webhooks/record.ts';
import { loadTarget } from '../../services/webhooks/target.ts';
import { newId } from '../../server/ids.ts';
import { withPipeline } from '../../db/pipeline.ts';
import type { TenantPipeline } from '../../db/pipeline.ts';
import type { Sender } from '../../db/prepared.ts';
import { withTenant } from '../../db/tenancy.ts';
import { bestEffort } from '../../services/bestEffort.ts';
import type { Claim, Recheck, RunTarget } from './claimOutcome.ts';
import { logHealthChange } from './logHealthChange.ts';
import { Settling } from './settling.ts';

/** An endpoint may change while its activity lives; it is read again this often. */
const TARGET_FRESH_MS = 1_000;

/** What one run of the delivery activity reads and writes in Postgres, all under one claim id. */
export class DeliveryStore {
  readonly #deps: ActivityDeps;
  readonly #orgId: string;
  readonly #endpointId: string;
  readonly #claimId = newId();
  readonly #leaseMs: number;
  readonly #actor: Actor;
  #target: RunTarget | null = null;
  #health: EndpointHealth | null = null;
  #stopped = false;
  /** The express lane serves the endpoint: this run only records what it has sent. */
  #elsewhere = false;
  #recorded = 0;
  /** Both of performance.now(). */
  #targetReadAt = -Infinity;
  #forgottenAt = -Infinity;
  /** Of the promises of wake-ups that this run keeps. */
  readonly settling = new Settling(() => bestEffort(this.#deps.logger, 'whoever promised signals the workflow', this.#settleAlone()));

  constructor(deps: ActivityDeps, actor: Actor, endpointId: string) {
    this.#deps = deps;
    this.#actor = actor;
    this.#orgId = actor.orgId;
    this.#endpointId = endpointId;
    this.#leaseMs = deps.config.WEBHOOK_LEASE_SECONDS * 1_000;
  }

  claim(limit: number): Promise<Claim> {
    if (this.#target !== null && this.#isFresh()) return this.#pipelined((pipeline) => this.#claimFor(pipeline, this.#target!, limit));
    return this.#inTenant(async (trx) => this.#claimFor(trx, await this.#readTarget(trx), limit));
  }

  async #claimFor(sender: Sender, target: RunTarget, limit: number): Promise<Claim> {
    if (typeof target === 'string' || this.heldMs > 0 || target.maxInFlight < 1) return { target, deliveries: [] };
    // An endpoint that is failing is probed: one delivery at a time, the rest is held and not counted.
    const size = { limit: target.ordered || this.#health?.status === 'failing' ? 1 : limit, ordered: target.ordered };
    // In this order: what was promised in between is seen by the claim, and not the other way round.
    const settled = this.#settle(sender);
    const [deliveries] = await Promise.all([claimDue(sender, { ...this.#claimed(), ...size, leaseMs: this.#leaseMs }), settled]);
    return { target, deliveries };
  }

  #settle(sender: Sender): Promise<void> {
    this.settling.settled();
    return settleServed(sender, this.#orgId, [this.#endpointId]);
  }

  /** An endpoint that rests must be woken when it is resumed, and what the other lane is promised is not this run's. */
  get #settles(): boolean {
    return typeof this.#target === 'object' && !this.#stopped && !this.#elsewhere;
  }

  async #settleAlone(): Promise<void> {
    if (this.#settles) await this.#inTenant((trx) => this.#settle(trx));
  }

  /** The endpoint was changed: it is read again before the next claim. */
  forgetTarget(): void {
    this.#forgottenAt = performance.now();
  }

  /**
   * Reads the endpoint again, and which of these deliveries, claimed and not sent, may still be sent to it. The others do not belong to this
   * run any more when it returns: given back, or ended because their payload was erased. One transaction.
   */
  recheck(deliveryIds: string[]): Promise<Recheck> {
    const wasOrdered = this.#ordered;
    return this.#inTenant(async (trx) => {
      const target = await this.#readTarget(trx);
      // An endpoint that keeps an order from now on begins with its oldest delivery, which may not be among these.
      if (typeof target === 'object' && target.ordered === wasOrdered)
        return { target, wanted: await keepWanted(trx, { orgId: this.#orgId, claimId: this.#claimId, deliveryIds }) };
      await releaseUnsent(trx, this.#orgId, this.#claimId, deliveryIds);
      if (target === 'gone') await cancelUnfinished(trx, this.#orgId, this.#endpointId);
      return { target, wanted: new Set() };
    });
  }

  renew(): Promise<void> {
    return this.#inTenant((trx) => renewLease(trx, { ...this.#claimed(), leaseMs: this.#leaseMs }));
  }

  release(deliveryIds: string[]): Promise<void> {
    return this.#inTenant((trx) => releaseUnsent(trx, this.#orgId, this.#claimId, deliveryIds));
  }

  outlook(): Promise<Outlook> {
    const [ordered, health] = [this.#ordered, this.#health];
    return this.#inTenant((trx) => readOutlook(trx, { orgId: this.#orgId, endpointId: this.#endpointId, ordered, health }));
  }

  /** What is left when the run ends. With nothing left, an endpoint that is proven fast goes to the express lane. */
  async rest(): Promise<Outlook> {
    const outlook = await this.outlook();
    if (outlook.nextDueAt === null && this.#recorded > 0) await this.#moveIfProven();
    return outlook;
  }

  /** Call where nothing is claimed. True: the endpoint is proven fast, has little to do, and is in the express lane from now on. */
  async move(): Promise<boolean> {
    await this.settling.hold();
    const moved = await this.#moveIfProven();
    if (!moved) this.settling.goOn();
    return moved;
  }

  /** Ends a run whose endpoint is in the express lane: with its return that one keeps all promises. */
  async passOn(): Promise<Outlook> {
    await passToExpress(this.#deps, { orgId: this.#orgId, endpointId: this.#endpointId });
    return { nextDueAt: null, waitingFor: 'nothing: the express lane serves the endpoint' };
  }

  async #moveIfProven(): Promise<boolean> {
    const moved = await this.#inTenant((trx) => moveIfProven(trx, this.#orgId, this.#endpointId));
    if (moved) this.#deps.metrics.laneChanged('express', 1);
    return moved;
  }

  /** How long nothing may be sent to the endpoint; 0 when it may. */
  get heldMs(): number {
    return Math.max(0, (this.#health?.heldUntil?.getTime() ?? 0) - Date.now());
  }

  /** The endpoint was disabled, here or by a person's hand, or paused: this run may send nothing more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** One probe at a time. */
  get failing(): boolean {
    return this.#health?.status === 'failing';
  }

  /** Attempts, freed rows, the endpoint's health and, for each delivery that died, an audit leaf: one transaction. */
  async record(results: AttemptResult[]): Promise<void> {
    if (this.#changesHealth(results)) return this.#recordWithHealth(results);
    await this.#pipelined(async (pipeline) => {
      const recorded = recordResults(pipeline, { ...this.#claimed(), results });
      const settled = this.settling.due && this.#settles ? this.#settle(pipeline) : undefined;
      void pipeline.commit();
      await Promise.all([recorded, settled]);
    });
    this.#recorded += results.length;
  }

  async #recordWithHealth(results: AttemptResult[]): Promise<void> {
    const health = await this.#inTenant(async (trx) => {
      const freed = new Set(await recordResults(trx, { ...this.#claimed(), results }));
      await reportDead(
        trx,
        this.#actor,
        this.#endpointId,
        results.filter(({ deliveryId, verdict }) => verdict.status === 'dead' && freed.has(deliveryId)),
        this.#batchDeps(),
      );
      return this.#applyHealth(trx, results);
    });
    this.#recorded += results.length;
    logHealthChange(this.#deps.logger, { orgId: this.#orgId, endpointId: this.#endpointId }, this.#health, health);
    this.#health = health;
    if (health === null) this.#stopped = true;
  }

  /** A whole endpoint that goes on succeeding costs no statement. */
  #changesHealth(results: AttemptResult[]): boolean {
    return (this.#health?.consecutiveFailures ?? 0) > 0 || results.some(({ errorCode }) => errorCode !== null);
  }

  async #applyHealth(trx: Transaction, results: AttemptResult[]): Promise<EndpointHealth | null> {
    if (typeof this.#target !== 'object' || this.#target === null) return null;
    const { retries } = this.#target;
    const health = await applyHealth(trx, { actor: this.#actor, endpointId: this.#endpointId, retries, results }, this.#batchDeps());
    return health?.status === 'disabled' ? null : health;
  }

  #batchDeps(): BatchDeps {
    const { clock, subjectKeys, vault } = this.#deps;
    return { clock, audit: { clock, subjectKeys }, claims: { vault } };
  }

  get #ordered(): boolean {
    return typeof this.#target === 'object' && this.#target?.ordered === true;
  }

  #isFresh(): boolean {
    return !this.#elsewhere && this.#targetReadAt > this.#forgottenAt && performance.now() - this.#targetReadAt < TARGET_FRESH_MS;
  }

  async #readTarget(trx: Transaction): Promise<RunTarget> {
    const startedAt = performance.now();
    const loaded = await loadTarget(trx, await this.#deps.vault.of(trx, this.#orgId), this.#orgId, this.#endpointId);
    if (loaded === 'gone') await cancelUnfinished(trx, this.#orgId, this.#endpointId);
    if (isElsewhere(loaded, this.#target !== null)) {
      this.#elsewhere = true;
      return 'express';
    }
    const target = typeof loaded === 'string' ? loaded : await takeOver(trx, loaded, this.#claimed());
    this.#target = target;
    this.#health = typeof target === 'string' ? null : target.health;
    this.#targetReadAt = startedAt;
    return target;
  }

  #claimed() {
    return { orgId: this.#orgId, endpointId: this.#endpointId, claimId: this.#claimId };
  }

  #pipelined<T>(work: (pipeline: TenantPipeline) => Promise<T>): Promise<T> {
    return this.#deps.fair.database.run(this.#orgId, () => withPipeline(this.#deps.knex, this.#orgId, work));
  }

  #inTenant<T>(work: (trx: Transaction) => Promise<T>): Promise<T> {
    return this.#deps.fair.database.run(this.#orgId, () => withTenant(this.#deps.knex, this.#orgId, work));
  }
}
