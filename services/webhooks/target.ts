import type { Transaction } from 'objection';
import type { Vault } from '../crypto/vault.ts';
import { openHeaders } from './customHeaders.ts';
import type { EndpointHealth } from './health.ts';
import type { RetryPolicy } from './schedule.ts';
import { openSecrets } from './secrets.ts';
import { createSigner } from './sign.ts';
import type { SignedMessage } from './sign.ts';

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
  headers: Record<string, string>;
  sign: (message: SignedMessage) => string;
}

/** `gone`: deleted, its unfinished deliveries are to be cancelled. `resting`: paused or disabled, they are kept. */
export type TargetState = DeliveryTarget | 'gone' | 'resting';

interface TargetRow {
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
}

const COLUMNS = [
  'url',
  'status',
  'timeout_seconds',
  'max_in_flight',
  'rate_limit_per_second',
  'ordered',
  'max_retries',
  'retry_delay_seconds',
  'retry_schedule_seconds',
  'headers_sealed',
  'deleted_at',
  'consecutive_failures',
  'failing_since',
  'held_until',
];

/** Reads the endpoint as it is now. */
export async function loadTarget(trx: Transaction, vault: Vault, orgId: string, endpointId: string): Promise<TargetState> {
  const row = await trx('webhook_endpoints').where({ org_id: orgId, id: endpointId }).first<TargetRow | undefined>(COLUMNS);
  if (row === undefined || row.deleted_at !== null) return 'gone';
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
    headers: openHeaders(vault, orgId, endpointId, row.headers_sealed),
    sign: createSigner(await openSecrets(trx, vault, orgId, endpointId, new Date())),
  };
}
