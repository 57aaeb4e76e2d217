import { WEBHOOK_EXAMPLE } from './examples.ts';

export const REPLAY_IN_EXAMPLE = { since: '2026-11-02T08:00:00Z', until: '2026-11-02T10:00:00Z', statuses: ['dead'], per_second: 100 };

export const MISSING_IN_EXAMPLE = { missing: true, since: '2026-11-02T08:00:00Z', event_types: ['lead.created'], per_second: 100 };

export const REPLAY_EXAMPLE = {
  id: 'rpl_01k0501z00e00800000000004h',
  webhook_id: WEBHOOK_EXAMPLE.id,
  status: 'running',
  reason: null,
  since: '2026-11-02T08:00:00.000Z',
  until: '2026-11-02T10:00:00.000Z',
  event_types: null,
  statuses: ['dead'],
  missing: false,
  per_second: 100,
  matching: 1_412,
  replayed: 200,
  created_at: '2026-11-02T10:15:00.000Z',
  updated_at: '2026-11-02T10:15:02.000Z',
  finished_at: null,
};
