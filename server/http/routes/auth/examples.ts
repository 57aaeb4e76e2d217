export const USER_EXAMPLE = {
  id: 'usr_01jb8z6q3kf3tvxk6n9m2w4h5r',
  email: 'ada@acme.example',
  name: 'Ada Lovelace',
  email_verified_at: '2026-11-02T09:30:00.000Z',
  created_at: '2026-11-02T09:28:11.000Z',
};

export const TOKENS_EXAMPLE = {
  access_token: 'eyJhbGciOiJFZERTQSIsImtpZCI6IkE0…',
  token_type: 'Bearer' as const,
  expires_in: 600,
  refresh_token: 'rt_AZMv0a5Oc…',
  refresh_token_expires_at: '2026-11-09T09:31:00.000Z',
  session_id: 'ses_01jb8z6yk8fcf8rq8z5rymrpva',
  organization_id: 'org_01jb8z6yk6fcf8rq8z5rymrpva',
};

export const ORGANIZATION_EXAMPLE = {
  id: 'org_01jb8z6yk6fcf8rq8z5rymrpva',
  name: 'Acme',
  slug: 'acme-7f3d21aa',
  plan: 'professional',
  membership_id: 'mem_01jb8z6yk7fcf8rq8z5rymrpva',
  joined_at: '2026-11-02T09:30:00.000Z',
};

export const SESSION_EXAMPLE = {
  id: TOKENS_EXAMPLE.session_id,
  current: true,
  organization_id: TOKENS_EXAMPLE.organization_id,
  amr: ['pwd', 'otp', 'mfa'],
  auth_time: '2026-11-02T09:31:00.000Z',
  mfa_at: '2026-11-02T09:31:09.000Z',
  ip: '192.0.2.17',
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64)',
  created_at: '2026-11-02T09:31:09.000Z',
  last_used_at: '2026-11-02T10:01:12.000Z',
  expires_at: '2026-12-02T09:31:09.000Z',
};

export const ACCEPTED_EXAMPLE = { status: 'accepted' as const };
