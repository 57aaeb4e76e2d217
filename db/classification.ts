/**
 * What each column holds, for erasure, export, logs and support access. A guard fails on a column that is not here.
 * id: our identifiers · operational: states, times, counts, settings · personal: about a person · secret: keys, digests, sealed values ·
 * customer_content: what customers send or name · audit: evidence that is kept under its own rules.
 */
export type ColumnClass = 'id' | 'operational' | 'personal' | 'secret' | 'customer_content' | 'audit';

type Columns = Readonly<Record<string, ColumnClass>>;

const all = (columnClass: ColumnClass, names: string): Columns => Object.fromEntries(names.split(' ').map((name) => [name, columnClass]));

export const CLASSIFICATION: Readonly<Record<string, Columns>> = {
  organizations: {
    ...all('id', 'id founded_by'),
    ...all('customer_content', 'name slug settings'),
    ...all('operational', 'plan limit_overrides created_at updated_at deleted_at deletion_due_at deletion_next_at deletion_warnings'),
    ...all('operational', 'erasure_started_at erased_at'),
  },
  organization_slugs: { ...all('id', 'org_id'), ...all('operational', 'slug_digest created_at') },
  ownership_transfers: {
    ...all('id', 'org_id id from_user_id to_user_id'),
    ...all('operational', 'status created_at expires_at finished_at'),
  },
  event_usage: { ...all('id', 'org_id'), ...all('operational', 'month events') },
  workspaces: { ...all('id', 'org_id id'), ...all('customer_content', 'name'), ...all('operational', 'created_at deleted_at') },
  users: {
    ...all('id', 'id'),
    ...all('personal', 'email name'),
    ...all('operational', 'email_verified_at created_at updated_at deleted_at'),
  },
  memberships: { ...all('id', 'org_id id user_id'), ...all('operational', 'status created_at updated_at') },
  roles: {
    ...all('id', 'org_id id'),
    ...all('customer_content', 'name description'),
    ...all('operational', 'permissions created_at updated_at'),
  },
  membership_roles: {
    ...all('id', 'org_id id membership_id role_id workspace_id source_ref granted_by'),
    ...all('operational', 'role source created_at'),
  },
  sessions: {
    ...all('id', 'user_id id active_org_id'),
    ...all('personal', 'ip user_agent'),
    ...all('operational', 'amr auth_time mfa_at created_at last_used_at expires_at revoked_at revoked_reason'),
  },
  totp_factors: {
    ...all('id', 'user_id id'),
    ...all('secret', 'sealed_secret'),
    ...all('operational', 'last_step created_at confirmed_at'),
  },
  webauthn_credentials: {
    ...all('id', 'user_id id'),
    ...all('personal', 'credential_id public_key name aaguid'),
    ...all('operational', 'counter transports synced backed_up created_at last_used_at'),
  },
  webauthn_challenges: {
    ...all('id', 'user_id id bound_to'),
    ...all('secret', 'challenge'),
    ...all('operational', 'purpose expires_at'),
  },
  recovery_codes: { ...all('id', 'user_id id'), ...all('secret', 'digest'), ...all('operational', 'created_at used_at') },
  signing_keys: {
    ...all('id', 'kid'),
    ...all('secret', 'sealed_private_key'),
    ...all('operational', 'public_jwk created_at activates_at retires_at'),
  },
  passwords: { ...all('id', 'user_id'), ...all('secret', 'hash'), ...all('operational', 'changed_at') },
  refresh_tokens: {
    ...all('id', 'user_id id session_id successor_id'),
    ...all('secret', 'digest sealed_successor'),
    ...all('operational', 'created_at expires_at used_at'),
  },
  person_tokens: {
    ...all('id', 'user_id id session_id'),
    ...all('secret', 'digest password_hash'),
    ...all('personal', 'email name'),
    ...all('operational', 'purpose created_at expires_at used_at'),
  },
  person_requests: {
    ...all('id', 'user_id id made_id'),
    ...all('secret', 'fingerprint'),
    ...all('customer_content', 'key'),
    ...all('operational', 'route created_at expires_at'),
  },
  auth_throttles: { ...all('personal', 'subject'), ...all('operational', 'count window_ends_at locked_until') },
  api_keys: {
    ...all('id', 'org_id id workspace_id key_id owner_user_id created_by family_id predecessor_id'),
    ...all('secret', 'digest'),
    ...all('customer_content', 'name'),
    ...all('personal', 'allowed_ips last_used_ip'),
    ...all('operational', 'hash_version env owner_type scopes prefix last4 rate_limit_per_hour expires_at revoked_at created_at'),
    ...all('operational', 'rotated_at retires_at disabled_at disabled_reason first_used_at last_used_at updated_at leaked_at'),
  },
  api_key_usage: { ...all('id', 'org_id key_id'), ...all('operational', 'day operation status_class requests') },
  key_rotations: {
    ...all('id', 'org_id id old_key_id new_key_id'),
    ...all('secret', 'sealed_key'),
    ...all('operational', 'cause state grace_ends_at retire_after_first_use_minutes ends_at first_used_at picked_up_at'),
    ...all('operational', 'created_at updated_at ended_at end_reason'),
  },
  key_notices: { ...all('id', 'org_id key_id'), ...all('operational', 'kind about created_at') },
  events: {
    ...all('id', 'org_id id workspace_id'),
    ...all('customer_content', 'payload channels'),
    ...all('operational', 'type occurred_at deliveries created_at payload_erased_at'),
  },
  event_types: {
    ...all('id', 'org_id id'),
    ...all('customer_content', 'name description schema'),
    ...all('operational', 'version created_at'),
  },
  webhook_endpoints: {
    ...all('id', 'org_id id workspace_id'),
    ...all('secret', 'headers_sealed'),
    ...all('customer_content', 'name url description header_names filter channels'),
    ...all('operational', 'event_types timeout_seconds max_retries retry_delay_seconds retry_schedule_seconds rate_limit_per_second'),
    ...all(
      'operational',
      'max_in_flight ordered signature public_keys status delivered_count failed_count created_at updated_at deleted_at consecutive_failures failing_since held_until verified_at lane lane_since',
    ),
  },
  webhook_secrets: { ...all('id', 'org_id id endpoint_id'), ...all('secret', 'sealed'), ...all('operational', 'created_at expires_at') },
  deliveries: {
    ...all('id', 'org_id id event_id endpoint_id claim_id'),
    ...all('operational', 'event_type status attempts failures next_attempt_at claimed_until last_status_code last_error_code'),
    ...all('operational', 'created_at delivered_at replay payload_erased'),
  },
  webhook_replays: {
    ...all('id', 'org_id id endpoint_id position'),
    ...all('operational', 'status reason since until event_types statuses missing per_second matching replayed'),
    ...all('operational', 'next_batch_at created_at updated_at finished_at'),
  },
  delivery_attempts: {
    ...all('id', 'org_id id delivery_id endpoint_id event_id'),
    ...all('customer_content', 'response_excerpt'),
    ...all('operational', 'number started_at duration_ms status_code error_code replay'),
  },
  payload_erasures: {
    ...all('id', 'org_id id workspace_id position'),
    ...all('personal', 'sealed_value'),
    ...all('customer_content', 'path'),
    ...all('operational', 'examined erased created_at updated_at finished_at'),
  },
  history_removals: {
    ...all('id', 'org_id'),
    ...all('operational', 'before events deliveries dead_letters attempts updated_at'),
  },
  webhook_stats: {
    ...all('id', 'org_id endpoint_id'),
    ...all('operational', 'resolution starts_at attempts succeeded failed first_attempts duration_ms_sum'),
    ...all('operational', 'error_codes status_classes result_counts duration_buckets duration_counts'),
  },
  webhook_stats_progress: all('operational', 'singleton sealed_until rolled_until marked_at marked_xid'),
  outbox: { ...all('id', 'org_id id subject_id'), ...all('operational', 'topic created_at claimed_until') },
  idempotency_keys: {
    ...all('id', 'org_id credential_id'),
    ...all('secret', 'fingerprint sealed_answer'),
    ...all('customer_content', 'key'),
    ...all('operational', 'route state holder locked_until status created_at expires_at'),
  },
  domains: {
    ...all('id', 'org_id id created_by'),
    ...all('customer_content', 'domain'),
    ...all('operational', 'challenge status verified_at confirmed_at checked_at next_check_at failures last_failure created_at updated_at'),
  },
  invitations: {
    ...all('id', 'org_id id invited_by accepted_by'),
    ...all('secret', 'token_digest'),
    ...all('personal', 'email'),
    ...all('operational', 'roles status invited_by_type sent_at expires_at accepted_at created_at updated_at'),
  },
  mails: {
    ...all('id', 'id for_org_id for_user_id'),
    ...all('secret', 'sealed'),
    ...all('operational', 'template status attempts next_attempt_at last_error created_at give_up_at finished_at claimed_by claimed_until'),
  },
  rate_limits: { ...all('personal', 'key'), ...all('operational', 'points expire') },
  audit_leaf: { ...all('id', 'org_id id'), ...all('audit', 'at xid class leaf_hash') },
  audit_body: { ...all('id', 'org_id entry_id'), ...all('audit', 'leaf_data') },
  audit_disclosure: { ...all('id', 'org_id entry_id'), ...all('audit', 'path subject_ref'), ...all('personal', 'enc_disclosure') },
  audit_subject_links: { ...all('id', 'org_id entry_id'), ...all('personal', 'subject_ref') },
  audit_view: {
    ...all('id', 'org_id entry_id'),
    ...all('audit', 'at action category severity outcome reason actor_type actor_id target_type target_id request_id workflow_id'),
    ...all('personal', 'actor_name actor_ip user_agent'),
  },
  audit_keys: {
    ...all('id', 'org_id'),
    ...all('personal', 'subject_ref'),
    ...all('secret', 'sealed_key'),
    ...all('operational', 'created_in created_at'),
  },
  data_keys: {
    ...all('id', 'org_id id'),
    ...all('secret', 'wrapped'),
    ...all('operational', 'state written_in created_at retired_at'),
  },
  derived_keys: { ...all('secret', 'sealed'), ...all('operational', 'purpose created_at') },
  encryption_key_rotations: {
    ...all('id', 'id organization_id key_id'),
    ...all('customer_content', 'position'),
    ...all('operational', 'kind phase pass pass_outdated pass_unreadable examined resealed outcome'),
    ...all('operational', 'next_step_at created_at updated_at finished_at'),
  },
  schema_migrations: all('operational', 'id name batch migration_time'),
  schema_migrations_lock: all('operational', 'index is_locked'),
};
