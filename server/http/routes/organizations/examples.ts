const id = 'org_01k0501z00e00800000000000h';

export const ORGANIZATION_EXAMPLE = {
  id,
  name: 'Acme GmbH',
  slug: 'acme',
  plan: 'professional',
  status: 'active',
  settings: {
    primary_color: '#1a73e8',
    logo_url: 'https://acme.example/logo.svg',
    sso_enabled: false,
    api_enabled: true,
    mfa: { policy: 'roles', roles: ['owner', 'admin'], grace_until: null, phishing_resistant_only: false },
    api_keys: {
      max_lifetime_days: 366,
      rotation_days: 90,
      retire_after_first_use_minutes: 60,
      disable_leaked: true,
      allowed_ips: ['192.0.2.0/24'],
    },
    domains: { join: true, join_role: 'member', restrict_members: false },
  },
  created_at: '2026-11-02T09:00:00.000Z',
  updated_at: '2026-11-09T08:00:00.000Z',
  deleted_at: null,
  deletion_due_at: null,
};

export const ORGANIZATION_DELETED_EXAMPLE = {
  ...ORGANIZATION_EXAMPLE,
  status: 'deleted',
  deleted_at: '2026-11-20T08:00:00.000Z',
  deletion_due_at: '2026-12-20T08:00:00.000Z',
};

export const ORGANIZATION_LISTED_EXAMPLE = {
  id,
  name: 'Acme GmbH',
  slug: 'acme',
  plan: 'professional',
  status: 'active',
  roles: ['owner'],
  created_at: '2026-11-02T09:00:00.000Z',
  deletion_due_at: null,
};

export const ORGANIZATION_PATCH_EXAMPLE = {
  name: 'Acme AG',
  settings: { primary_color: '#0b57d0', api_keys: { rotation_days: 90 } },
};

export const STATS_EXAMPLE = {
  members: 12,
  seats_taken: 14,
  workspaces: 2,
  webhook_endpoints: 5,
  api_keys: 7,
  events_this_month: 48_211,
  deliveries: { delivered: 120_412, failed: 9, waiting: 3 },
};

export const LIMITS_EXAMPLE = {
  plan: 'professional',
  limits: [
    { name: 'seats', limit: 60, used: 14, overridden: true },
    { name: 'workspaces', limit: 20, used: 2, overridden: false },
    { name: 'webhook_endpoints', limit: 50, used: 5, overridden: false },
    { name: 'api_keys', limit: 100, used: 7, overridden: false },
    { name: 'events_per_month', limit: 5_000_000, used: 48_211, overridden: false },
  ],
  features: [
    { name: 'custom_roles', included: true, overridden: false },
    { name: 'sso', included: false, overridden: false },
    { name: 'siem_streams', included: false, overridden: false },
  ],
  requests_per_hour_per_key: 5_000,
};

export const TRANSFER_EXAMPLE = {
  status: 'pending',
  from_user_id: 'usr_01k0501z00e00800000000001h',
  to_user_id: 'usr_01k0501z00e00800000000002h',
  created_at: '2026-11-20T08:00:00.000Z',
  expires_at: '2026-11-27T08:00:00.000Z',
  finished_at: null,
};
