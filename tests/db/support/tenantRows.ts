import { randomBytes, randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { newId } from '../../../server/ids.ts';

type Row = Record<string, unknown>;

/** Ids of what one tenant owns. */
export interface TenantIds {
  orgId: string;
  workspaceId: string;
  userId: string;
  membershipId: string;
  roleId: string;
  keyId: string;
  endpointId: string;
  eventId: string;
  deliveryId: string;
  entryId: string;
}

/** One row for every tenant table, parents first. A new table must be added: the isolation tests compare this list with the catalog. */
export function tenantRows(ids: TenantIds): Record<string, Row> {
  return { ...identityRows(ids), ...keyRows(ids), ...eventRows(ids), ...bookkeepingRows(ids), ...auditRows(ids) };
}

const now = new Date();
const bytes = randomBytes(32);
const NO_COUNTS = {
  attempts: 0,
  succeeded: 0,
  failed: 0,
  first_attempts: 0,
  duration_ms_sum: 0,
  error_codes: [],
  status_classes: [],
  result_counts: [],
  duration_buckets: [],
  duration_counts: [],
};

function identityRows(ids: TenantIds): Record<string, Row> {
  const org_id = ids.orgId;
  return {
    organizations: { id: org_id, name: 'Acme', slug: `acme-${org_id}`, plan: 'free' },
    organization_slugs: { org_id, slug_digest: randomBytes(32) },
    event_usage: { org_id, month: '2026-11-01', events: 1 },
    workspaces: { org_id, id: ids.workspaceId, name: 'Default' },
    roles: { org_id, id: ids.roleId, name: 'Analyst', permissions: ['lead.read'] },
    memberships: { org_id, id: ids.membershipId, user_id: ids.userId },
    ownership_transfers: { org_id, id: newId(), from_user_id: ids.userId, to_user_id: ids.userId, expires_at: now },
    membership_roles: { org_id, id: newId(), membership_id: ids.membershipId, role: 'owner', source: 'founder' },
    domains: { org_id, id: newId(), domain: 'acme.example', challenge: 'c', created_at: now, updated_at: now },
    invitations: {
      org_id,
      id: newId(),
      email: 'grace@acme.example',
      token_digest: randomBytes(32),
      roles: '[]',
      invited_by_type: 'user',
      invited_by: ids.userId,
      sent_at: now,
      expires_at: now,
      created_at: now,
      updated_at: now,
    },
  };
}

function keyRows(ids: TenantIds): Record<string, Row> {
  const org_id = ids.orgId;
  return {
    api_keys: {
      org_id,
      id: ids.keyId,
      workspace_id: ids.workspaceId,
      family_id: newId(),
      key_id: randomUUID(),
      digest: bytes,
      hash_version: 1,
      name: 'Key',
      env: 'live',
      owner_type: 'organization',
      prefix: 'sk_live_abcd',
      last4: 'wxyz',
    },
    key_rotations: {
      org_id,
      id: newId(),
      old_key_id: ids.keyId,
      new_key_id: ids.keyId,
      cause: 'request',
      grace_ends_at: now,
      ends_at: now,
      created_at: now,
      updated_at: now,
    },
    api_key_usage: { org_id, key_id: ids.keyId, day: '2026-11-02', operation: 'events.create', status_class: 2, requests: 1 },
    key_notices: { org_id, key_id: ids.keyId, kind: 'expires_in_1_day', about: now },
  };
}

function eventRows(ids: TenantIds): Record<string, Row> {
  const org_id = ids.orgId;
  return {
    events: { org_id, id: ids.eventId, type: 'lead.created', occurred_at: now, payload: '{}' },
    event_types: { org_id, id: newId(), name: 'invoice.paid', version: 1 },
    webhook_endpoints: { org_id, id: ids.endpointId, name: 'Endpoint', url: 'https://example.com', event_types: ['*'] },
    webhook_secrets: { org_id, id: newId(), endpoint_id: ids.endpointId, sealed: bytes },
    deliveries: {
      org_id,
      id: ids.deliveryId,
      event_id: ids.eventId,
      event_type: 'lead.created',
      endpoint_id: ids.endpointId,
      next_attempt_at: now,
    },
    webhook_replays: { org_id, id: newId(), endpoint_id: ids.endpointId, until: now, statuses: ['dead'], per_second: 50, matching: 1 },
    webhook_stats: { org_id, resolution: 'hour', starts_at: now, endpoint_id: ids.endpointId, ...NO_COUNTS },
    delivery_attempts: {
      org_id,
      id: newId(),
      delivery_id: ids.deliveryId,
      endpoint_id: ids.endpointId,
      event_id: ids.eventId,
      number: 1,
      started_at: now,
      duration_ms: 1,
    },
  };
}

function bookkeepingRows({ orgId: org_id, endpointId }: TenantIds): Record<string, Row> {
  return {
    outbox: { org_id, id: newId(), topic: 'endpoint.wake', subject_id: endpointId },
    history_removals: { org_id, before: now },
    data_keys: { org_id, id: newId(), wrapped: bytes, state: 'active' },
    payload_erasures: { org_id, id: newId(), path: 'data.email', sealed_value: bytes },
    idempotency_keys: { org_id, credential_id: newId(), route: 'r', key: 'k', fingerprint: bytes, state: 'done', expires_at: now },
  };
}

function auditRows(ids: TenantIds): Record<string, Row> {
  const org_id = ids.orgId;
  return {
    audit_leaf: { org_id, id: ids.entryId, at: now, class: 'api_access', leaf_hash: bytes },
    audit_body: { org_id, entry_id: ids.entryId, leaf_data: bytes },
    audit_disclosure: { org_id, entry_id: ids.entryId, path: '/actor/name', subject_ref: 's', enc_disclosure: bytes },
    audit_subject_links: { org_id, subject_ref: 's', entry_id: ids.entryId },
    audit_view: {
      org_id,
      entry_id: ids.entryId,
      at: now,
      action: 'a',
      category: 'api_access',
      severity: 'info',
      outcome: 'success',
      actor_type: 'system',
      actor_id: 'x',
    },
    audit_keys: { org_id, subject_ref: 's', sealed_key: bytes },
  };
}

/** A tenant with one row in every table, written by a superuser past all fences. */
export async function plantTenant(superuser: Knex): Promise<TenantIds> {
  const ids: TenantIds = {
    orgId: newId(),
    workspaceId: newId(),
    userId: newId(),
    membershipId: newId(),
    roleId: newId(),
    keyId: newId(),
    endpointId: newId(),
    eventId: newId(),
    deliveryId: newId(),
    entryId: newId(),
  };
  await superuser('users').insert({ id: ids.userId, email: `${ids.userId}@example.com` });
  for (const [table, row] of Object.entries(tenantRows(ids))) await superuser(table).insert(row);
  return ids;
}
