import { durationOf } from '../../../db/queries/durationBuckets.ts';
import { readStats } from '../../../db/queries/readStats.ts';
import type { StatsRow, StatsScope } from '../../../db/queries/readStats.ts';
import type { TenantContext } from '../../context.ts';
import { findWebhook } from '../find.ts';
import type { Plan } from '../../plans.ts';
import { WIDTH_MS } from './floorTo.ts';
import { resolveRange } from './range.ts';
import type { StatsQuery, StatsRange } from './range.ts';
import { sourcesOf } from './sources.ts';

/** Milliseconds. A quantile is within 1/128 (0.8 %) of the duration it stands for, and exact below 128. null: nothing was measured. */
export interface Durations {
  mean: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export interface Counts {
  attempts: number;
  succeeded: number;
  failed: number;
  /** Neither: our own process stopped or died. */
  interrupted: number;
  /** Of those that count, the share that succeeded, 0 to 1. */
  successRate: number | null;
  /** Deliveries that were tried for the first time. */
  started: number;
  durations: Durations;
}

export interface WebhookStats extends StatsRange {
  /** Every attempt that was on record by then is counted. */
  completeUntil: Date;
  totals: Counts & { results: NonNullable<StatsRow['results']> };
  series: (Counts & { start: Date })[];
}

/** Of one endpoint that the actor may see. Throws not_found, validation_failed. */
export async function getWebhookStats(tenant: TenantContext, id: string, query: StatsQuery): Promise<WebhookStats> {
  await findWebhook(tenant, id);
  return collect(tenant, { orgId: tenant.actor.orgId, endpointId: id, workspaceId: null }, query);
}

/** Of all endpoints that the actor may see, deleted ones included. Throws validation_failed. */
export function getAllStats(tenant: TenantContext, query: StatsQuery): Promise<WebhookStats> {
  return collect(tenant, { orgId: tenant.actor.orgId, endpointId: null, workspaceId: tenant.actor.workspaceId }, query);
}

interface State {
  plan: Plan;
  rolled_until: Date;
  sealed_until: Date;
}

async function collect({ trx, clock }: TenantContext, scope: StatsScope, query: StatsQuery): Promise<WebhookStats> {
  const { rows } = await trx.raw<{ rows: [State] }>(
    'SELECT plan, rolled_until, sealed_until FROM organizations, webhook_stats_progress WHERE id = ?',
    [scope.orgId],
  );
  const [{ plan, rolled_until: rolledUntil, sealed_until: sealedUntil }] = rows;
  const now = clock.now();
  const range = resolveRange(query, plan, now);
  const { stored, live, completeUntil } = sourcesOf(range, { rolledUntil, sealedUntil, now });
  const [all, ...points] = await readStats(trx, scope, { resolution: range.interval, stored, live });
  return { ...range, completeUntil, totals: { ...countsOf(all), results: all?.results ?? [] }, series: seriesOf(range, points) };
}

/** A point for each interval, also where nothing happened. */
function seriesOf({ interval, from, to }: StatsRange, points: StatsRow[]): WebhookStats['series'] {
  const found = new Map(points.map((point) => [point.bin?.getTime(), point]));
  const length = Math.round((to.getTime() - from.getTime()) / WIDTH_MS[interval]);
  return Array.from({ length }, (_, index) => {
    const start = from.getTime() + index * WIDTH_MS[interval];
    return { start: new Date(start), ...countsOf(found.get(start)) };
  });
}

function countsOf(row: StatsRow | undefined): Counts {
  const { attempts = 0, succeeded = 0, failed = 0 } = row ?? {};
  const counted = succeeded + failed;
  return {
    attempts,
    succeeded,
    failed,
    interrupted: attempts - counted,
    successRate: counted === 0 ? null : Math.round((succeeded / counted) * 10_000) / 10_000,
    started: row?.first_attempts ?? 0,
    durations: durationsOf(row),
  };
}

function durationsOf(row: StatsRow | undefined): Durations {
  if (!row?.durations) return { mean: null, p50: null, p95: null, p99: null };
  const middle = (bucket: number | null): number | null => (bucket === null ? null : durationOf(bucket));
  const mean = Math.round((row.duration_ms_sum / row.durations) * 10) / 10;
  return { mean, p50: middle(row.p50), p95: middle(row.p95), p99: middle(row.p99) };
}
