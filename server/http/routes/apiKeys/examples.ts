/** Examples of the documentation: one key, told through all operations. */
export const API_KEY_IN_EXAMPLE = {
  name: 'CRM export',
  scopes: ['lead.read', 'lead.export'],
  expires_at: '2027-06-30T00:00:00Z',
  allowed_ips: ['192.0.2.0/24', '2001:db8::/32'],
};

export const API_KEY_EXAMPLE = {
  id: 'key_01k0501z00e00800000000005h',
  name: 'CRM export',
  environment: 'live',
  prefix: 'sk_live_8Fq2',
  last4: 'x7Qa',
  scopes: ['lead.read', 'lead.export'],
  owner: 'organization',
  owner_user_id: null,
  workspace_id: null,
  status: 'active',
  expires_at: '2027-06-30T00:00:00.000Z',
  rate_limit_per_hour: null,
  allowed_ips: ['192.0.2.0/24', '2001:db8::/32'],
  family_id: 'key_01k0501z00e00800000000005h',
  predecessor_id: null,
  retires_at: null,
  revoked_at: null,
  disabled_at: null,
  disabled_reason: null,
  first_used_at: '2026-11-02T09:31:10.000Z',
  last_used_at: '2026-11-20T17:02:41.000Z',
  last_used_ip: '192.0.2.17',
  created_at: '2026-11-02T09:30:00.000Z',
  updated_at: '2026-11-02T09:30:00.000Z',
};

export const API_KEY_CREATED_EXAMPLE = {
  ...API_KEY_EXAMPLE,
  first_used_at: null,
  last_used_at: null,
  last_used_ip: null,
  key: 'sk_live_<16 letters and digits>_<49 letters and digits>',
};
