import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import type { TenantContext } from '../context.ts';
import { countSeats } from '../limits/seats.ts';
import { eventsThisMonth } from '../usage/eventsThisMonth.ts';
import { findOrganization } from './findOrganization.ts';

export interface OrganizationStats {
  members: number;
  seatsTaken: number;
  workspaces: number;
  webhookEndpoints: number;
  apiKeys: number;
  eventsThisMonth: number;
  deliveries: { delivered: number; failed: number; waiting: number };
}

const STATS = `SELECT
  (SELECT count(*)::int FROM memberships WHERE org_id = :org AND status = 'active') AS members,
  (SELECT count(*)::int FROM workspaces WHERE org_id = :org AND deleted_at IS NULL) AS workspaces,
  (SELECT count(*)::int FROM webhook_endpoints WHERE org_id = :org AND deleted_at IS NULL) AS webhook_endpoints,
  (SELECT count(*)::int FROM api_keys WHERE org_id = :org AND revoked_at IS NULL AND disabled_at IS NULL
     AND (expires_at IS NULL OR expires_at > :now) AND (retires_at IS NULL OR retires_at > :now)) AS api_keys,
  (SELECT coalesce(sum(delivered_count), 0)::float8 FROM webhook_endpoints WHERE org_id = :org) AS delivered,
  (SELECT coalesce(sum(failed_count), 0)::float8 FROM webhook_endpoints WHERE org_id = :org) AS failed,
  (SELECT count(*)::int FROM webhook_endpoints e JOIN deliveries d ON d.endpoint_id = e.id AND d.org_id = e.org_id AND d.next_attempt_at IS NOT NULL
    WHERE e.org_id = :org) AS waiting`;

interface Row {
  members: number;
  workspaces: number;
  webhook_endpoints: number;
  api_keys: number;
  delivered: number;
  failed: number;
  waiting: number;
}

/** Figures of the moment. Of deliveries: all that ended, of endpoints that were deleted too, and those that still wait. Throws not_found, permission_denied in a workspace. */
export async function organizationStats(tenant: TenantContext): Promise<OrganizationStats> {
  const { trx, actor, clock } = tenant;
  assertWholeOrganization(actor);
  await findOrganization(tenant);
  const { rows } = await trx.raw<{ rows: [Row] }>(STATS, { org: actor.orgId, now: clock.now() });
  const [row] = rows;
  return {
    members: row.members,
    seatsTaken: await countSeats(tenant),
    workspaces: row.workspaces,
    webhookEndpoints: row.webhook_endpoints,
    apiKeys: row.api_keys,
    eventsThisMonth: await eventsThisMonth(tenant),
    deliveries: { delivered: row.delivered, failed: row.failed, waiting: row.waiting },
  };
}
