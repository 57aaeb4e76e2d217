const id = 'evt_01k0501z00e00800000000003h';
const occurredAt = '2026-11-02T09:30:58.000Z';

/** Examples of the documentation: one event, told through all operations. */
export const EVENT_IN_EXAMPLE = {
  type: 'lead.created',
  data: { lead_id: 'lead_42', source: 'webinar' },
  occurred_at: '2026-11-02T10:30:58+01:00',
};

export const EVENT_PUBLISHED_EXAMPLE = { id, type: 'lead.created', occurred_at: occurredAt, deliveries: 2 };

export const BATCH_RESULT_EXAMPLE = { data: [{ id }] };

export const EVENT_SUMMARY_EXAMPLE = {
  ...EVENT_PUBLISHED_EXAMPLE,
  workspace_id: null,
  channels: [],
  created_at: '2026-11-02T09:31:00.000Z',
  payload_erased_at: null,
};

export const EVENT_ERASED_EXAMPLE = { ...EVENT_SUMMARY_EXAMPLE, payload_erased_at: '2026-11-20T08:00:00.000Z' };

export const ERASE_IN_EXAMPLE = { subject: { path: 'data.lead_id', value: 'lead_42' } };

export const ERASURE_EXAMPLE = {
  id: 'ers_01k0501z00e00800000000005h',
  status: 'running',
  path: 'data.lead_id',
  examined: 1_500,
  erased: 3,
  created_at: '2026-11-20T08:00:00.000Z',
  finished_at: null,
};

export const EVENT_EXAMPLE = { ...EVENT_SUMMARY_EXAMPLE, data: EVENT_IN_EXAMPLE.data };
