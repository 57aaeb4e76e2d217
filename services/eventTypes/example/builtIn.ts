const NOON = '2026-11-02T12:00:00.000Z';
const lead = { lead_id: 'lead_42', name: 'Ada Example', email: 'ada@example.com', company: 'Example GmbH' };
const campaign = { campaign_id: 'campaign_7', name: 'Autumn offer', recipients: 1_200 };
const meeting = { meeting_id: 'meeting_3', lead_id: lead.lead_id, title: 'Introduction', starts_at: '2026-11-03T09:00:00.000Z' };
const email = { email_id: 'email_9', campaign_id: campaign.campaign_id, lead_id: lead.lead_id, recipient: lead.email };
const webhook = { webhook_id: 'whk_01k0501z00e00800000000001h', name: 'CRM sync' };
const key = { api_key_id: 'key_01k0501z00e00800000000004h', name: 'CRM' };
const request = { privacy_request_id: 'req_01k0501z00e00800000000005h', kind: 'export' };

/**
 * What the data of each built-in type may look like. Those of `webhook.*` have the fields that the platform really sends;
 * business types have no schema, so theirs are a suggestion.
 */
export const BUILT_IN_EXAMPLES: Readonly<Record<string, object>> = {
  'campaign.sent': { ...campaign, sent_at: NOON },
  'campaign.completed': { ...campaign, delivered: 1_187, completed_at: NOON },
  'campaign.paused': { ...campaign, reason: 'bounce_rate', paused_at: NOON },
  'lead.created': { ...lead, source: 'webinar', created_at: NOON },
  'lead.updated': { ...lead, changed: ['company'], updated_at: NOON },
  'lead.replied': { ...lead, message: 'Please call me on Thursday.', replied_at: NOON },
  'lead.unsubscribed': { lead_id: lead.lead_id, email: lead.email, unsubscribed_at: NOON },
  'meeting.booked': { ...meeting, booked_at: NOON },
  'meeting.completed': { ...meeting, duration_minutes: 30 },
  'meeting.cancelled': { ...meeting, reason: 'rescheduled', cancelled_at: NOON },
  'email.opened': { ...email, opened_at: NOON },
  'email.clicked': { ...email, url: 'https://example.com/offer', clicked_at: NOON },
  'email.bounced': { ...email, kind: 'permanent', reason: 'mailbox does not exist', bounced_at: NOON },
  'webhook.delivery.dead': {
    webhook_id: webhook.webhook_id,
    delivery_id: 'dlv_01k0501z00e00800000000002h',
    event_id: 'evt_01k0501z00e00800000000003h',
    event_type: 'lead.created',
    attempts: 6,
    reason: 'http_503',
  },
  'webhook.endpoint.failing': { ...webhook, status: 'failing', consecutive_failures: 5, failing_since: NOON },
  'webhook.endpoint.disabled': { ...webhook, status: 'disabled', consecutive_failures: 41, failing_since: NOON },
  'webhook.endpoint.recovered': { ...webhook, status: 'active', consecutive_failures: 0, failing_since: NOON },
  'api_key.rotated': {
    ...key,
    successor_id: 'key_01k0501z00e00800000000006h',
    rotation_id: 'rot_01k0501z00e00800000000007h',
    cause: 'policy',
    rotated_at: NOON,
    grace_ends_at: '2026-11-09T12:00:00.000Z',
  },
  'api_key.expiring': { ...key, expires_at: '2026-11-09T12:00:00.000Z', reason: 'expiry' },
  'api_key.leaked': {
    ...key,
    reported_at: NOON,
    reporter: 'code-host',
    url: 'https://code.example/acme/scripts/blob/main/sync.ts',
    disabled: true,
  },
  'privacy.request.due_soon': { ...request, due_at: NOON },
  'privacy.request.completed': { ...request, completed_at: NOON },
  'llm.budget.threshold': { budget: 'monthly', threshold_percent: 80, spent_eur: 400, limit_eur: 500 },
};
