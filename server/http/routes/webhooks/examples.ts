const id = 'whk_01k0501z00e00800000000001h';

const SETTINGS = {
  name: 'CRM sync',
  url: 'https://hooks.customer.example/artisan',
  events: ['lead.created', 'meeting.*'],
  filter: { 'data.score': { gte: 50 }, 'data.country': { in: ['DE', 'FR'] } },
  headers: { Authorization: 'Bearer receiver-token' },
};

/** Examples of the documentation: one endpoint and one delivery, told through all operations. */
export const WEBHOOK_IN_EXAMPLE = { ...SETTINGS, verify: true };

export const WEBHOOK_EXAMPLE = {
  id,
  ...SETTINGS,
  description: null,
  timeout_seconds: 30,
  max_retries: 5,
  retry_delay_seconds: 60,
  retry_schedule_seconds: [],
  headers: { Authorization: '***' },
  max_in_flight: 10,
  rate_limit_per_second: null,
  ordered: false,
  channels: [],
  signature: 'v1',
  workspace_id: null,
  status: 'active',
  verified_at: '2026-11-02T09:30:00.000Z',
  public_keys: [],
  created_at: '2026-11-02T09:30:00.000Z',
  updated_at: '2026-11-02T09:30:00.000Z',
  stats: { delivered: 412, failed: 1, success_rate: 0.9976 },
};

export const WEBHOOK_CREATED_EXAMPLE = {
  ...WEBHOOK_EXAMPLE,
  stats: { delivered: 0, failed: 0, success_rate: null },
  secret: 'whsec_<base64 of 32 random bytes>',
};

export const DELIVERY_EXAMPLE = {
  id: 'dlv_01k0501z00e00800000000002h',
  event_id: 'evt_01k0501z00e00800000000003h',
  event_type: 'lead.created',
  webhook_id: id,
  status: 'retrying',
  attempts: 1,
  next_attempt_at: '2026-11-02T09:32:02.000Z',
  last_status_code: 503,
  last_error_code: 'http_status',
  created_at: '2026-11-02T09:31:00.000Z',
  delivered_at: null,
};

export const DELIVERY_WITH_ATTEMPTS_EXAMPLE = {
  ...DELIVERY_EXAMPLE,
  attempt_log: [
    {
      number: 1,
      started_at: '2026-11-02T09:31:00.020Z',
      duration_ms: 184,
      status_code: 503,
      error_code: 'http_status',
      response_excerpt: 'upstream is restarting',
      replay: false,
    },
  ],
};

export const DEAD_LETTER_EXAMPLE = {
  ...DELIVERY_EXAMPLE,
  status: 'dead',
  attempts: 6,
  next_attempt_at: null,
};

export const DEAD_LETTER_FILTER_EXAMPLE = {
  webhook_id: id,
  event_type: 'lead.created',
  since: '2026-11-02T00:00:00Z',
  until: '2026-11-03T00:00:00Z',
  limit: 500,
};
