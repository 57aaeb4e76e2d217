import type { Transaction } from 'objection';
import { uuidArray } from '../../db/binaryArrays.ts';
import { prepared } from '../../db/prepared.ts';
import type { Vault } from '../crypto/vault.ts';
import { openHeaders } from './customHeaders.ts';
import type { EndpointHealth } from './health.ts';
import type { RetryPolicy } from './schedule.ts';
import { openSecretsOf } from './secrets.ts';
import { createSigner } from './sign.ts';
import type { SignedMessage } from './sign.ts';

/** Its own workflow, or the one that many fast and sparse endpoints share. */
export type Lane = 'own' | 'express';

/** What a delivery needs to know of its endpoint, with the secrets opened. Lives in memory only. */
export interface DeliveryTarget {
  url: string;
  timeoutMs: number;
  /** 1 for an ordered endpoint. */
  maxInFlight: number;
  /** null: no limit. */
  rateLimitPerSecond: number | null;
  /** Deliveries keep the order of their events: one at a time, and the head holds the rest back while it is retried. */
  ordered: boolean;
  retries: RetryPolicy;
  health: EndpointHealth;
  lane: Lane;
  /** When it last came to its lane; null: it was never in another. */
  laneSince: Date | null;
  headers: Record<string, string>;
  sign: (message: SignedMessage) => string;
}

/** `gone`: deleted, its unfinished deliveries are to be cancelled. `resting`: paused or disabled, they are kept. */
export type TargetState = DeliveryTarget | 'gone' | 'resting';

interface TargetRow {
  id: string;
  url: string;
  status: 'active' | 'failing' | 'paused' | 'disabled';
  timeout_seconds: number;
  max_in_flight: number;
  rate_limit_per_second: number | null;
  ordered: boolean;
  max_retries: number;
  retry_delay_seconds: number;
  retry_schedule_seconds: number[];
  headers_sealed: Buffer | null;
  deleted_at: Date | null;
  consecutive_failures: number;
  failing_since: Date | null;
  held_until: Date | null;
  lane: Lane;
  lane_since: Date | null;
}

const TARGETS = `SELECT id, url, status, timeout_seconds, max_in_flight, rate_limit_per_second, ordered, max_retries, retry_delay_seconds,
    retry_schedule_seconds, headers_sealed, deleted_at, consecutive_failures, failing_since, held_until, lane, lane_since
  FROM webhook_endpoints WHERE org_id = $1 AND id = ANY($2::uuid[])`;

/** Reads the endpoint as it is now. */
export async function loadTarget(trx: Transaction, vault: Vault, orgId: string, endpointId: string): Promise<TargetState> {
  return (await loadTargets(trx, vault, orgId, [endpointId])).get(endpointId) ?? 'gone';
}

/** Reads many endpoints of one organization, by id; those that do not exist are missing. */
export async function loadTargets(trx: Transaction, vault: Vault, orgId: string, endpointIds: string[]): Promise<Map<string, TargetState>> {
  const reading = prepared<TargetRow>(trx, 'targets', TARGETS, [orgId, uuidArray(endpointIds)]);
  const [{ rows }, secrets] = await Promise.all([reading, openSecretsOf(trx, { vault, orgId, endpointIds, now: new Date() })]);
  return new Map(rows.map((row) => [row.id, stateOf(row, vault, orgId, secrets.get(row.id) ?? [])]));
}

function stateOf(row: TargetRow, vault: Vault, orgId: string, secrets: string[]): TargetState {
  if (row.deleted_at !== null) return 'gone';
  if (row.status === 'paused' || row.status === 'disabled') return 'resting';
  return {
    url: row.url,
    timeoutMs: row.timeout_seconds * 1_000,
    maxInFlight: row.ordered ? 1 : row.max_in_flight,
    rateLimitPerSecond: row.rate_limit_per_second,
    ordered: row.ordered,
    retries: { maxRetries: row.max_retries, retryDelaySeconds: row.retry_delay_seconds, retryScheduleSeconds: row.retry_schedule_seconds },
    health: {
      status: row.status,
      consecutiveFailures: row.consecutive_failures,
      failingSince: row.failing_since,
      heldUntil: row.held_until,
    },
    lane: row.lane,
    laneSince: row.lane_since,
    headers: openHeaders(vault, orgId, row.id, row.headers_sealed),
    sign: createSigner(secrets),
  };
}
