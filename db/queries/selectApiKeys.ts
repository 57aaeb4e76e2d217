import { raw } from 'objection';
import type { QueryBuilder, Transaction } from 'objection';
import { ApiKey } from '../models/ApiKey.ts';

/** What becomes of a request with a key: the first that applies. `blocked`: by the organization's policy; `retiring`: rotated, in its grace. */
export type KeyStatus = 'revoked' | 'disabled' | 'retired' | 'expired' | 'orphaned' | 'blocked' | 'retiring' | 'active';

/** A key as it is shown: with what its fields, its owner and the policy together mean now. */
export type ApiKeyView = ApiKey & {
  status: KeyStatus;
  /** The earlier of its own expiry and the end that the policy sets. */
  endsAt: Date | null;
};

export interface KeyPolicyTerms {
  now: Date;
  apiEnabled: boolean;
  maxLifetimeDays: number | null;
}

/** Keys of one organization with their status. To be narrowed down; `where({ status })` is whereStatus. */
export function selectApiKeys(trx: Transaction, orgId: string, terms: KeyPolicyTerms): QueryBuilder<ApiKey, ApiKeyView[]> {
  return ApiKey.query(trx)
    .where('api_keys.org_id', orgId)
    .select('api_keys.*', statusOf(terms).as('status'), endOf(terms).as('ends_at')) as unknown as QueryBuilder<ApiKey, ApiKeyView[]>;
}

export function whereStatus(query: QueryBuilder<ApiKey, ApiKeyView[]>, status: KeyStatus, terms: KeyPolicyTerms): void {
  void query.where(statusOf(terms), status);
}

// An owner who is no active member: the key is refused with api_key_owner_inactive.
const HAS_OWNER = `(api_keys.owner_type = 'organization' OR EXISTS (
  SELECT FROM memberships m WHERE m.org_id = api_keys.org_id AND m.user_id = api_keys.owner_user_id AND m.status = 'active'))`;

const POLICY_END = 'api_keys.created_at + make_interval(days => ?::int)';

const statusOf = ({ now, apiEnabled, maxLifetimeDays }: KeyPolicyTerms) =>
  raw(
    `CASE WHEN api_keys.revoked_at IS NOT NULL THEN 'revoked'
          WHEN api_keys.disabled_at IS NOT NULL THEN 'disabled'
          WHEN api_keys.retires_at <= ? THEN 'retired'
          WHEN api_keys.expires_at <= ? THEN 'expired'
          WHEN NOT ${HAS_OWNER} THEN 'orphaned'
          WHEN NOT ?::boolean OR ${POLICY_END} <= ? THEN 'blocked'
          WHEN api_keys.retires_at IS NOT NULL THEN 'retiring'
          ELSE 'active' END`,
    [now, now, apiEnabled, maxLifetimeDays, now],
  );

const endOf = ({ maxLifetimeDays }: KeyPolicyTerms) => raw(`least(api_keys.expires_at, ${POLICY_END})`, [maxLifetimeDays]);
