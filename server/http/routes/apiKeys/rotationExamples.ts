import { API_KEY_CREATED_EXAMPLE, API_KEY_EXAMPLE } from './examples.ts';

const OLD_KEY = API_KEY_EXAMPLE.id;
const NEW_KEY = 'key_01k0501z00e00800000000006h';

export const KEY_ROTATION_EXAMPLE = {
  id: 'rot_01k0501z00e00800000000007h',
  api_key_id: OLD_KEY,
  successor_id: NEW_KEY,
  cause: 'request',
  state: 'overlapping',
  started_at: '2026-11-02T09:00:00.000Z',
  grace_ends_at: '2026-11-09T09:00:00.000Z',
  retire_after_first_use_minutes: 60,
  retires_at: '2026-11-09T09:00:00.000Z',
  old_key: { last_used_at: '2026-11-02T08:59:00.000Z', last_used_ip: '192.0.2.17' },
  new_key: { first_used_at: null, handover: 'shown' },
  ended_at: null,
  end_reason: null,
};

export const ROTATED_KEY_EXAMPLE = {
  ...API_KEY_EXAMPLE,
  id: NEW_KEY,
  predecessor_id: OLD_KEY,
  first_used_at: null,
  last_used_at: null,
  last_used_ip: null,
  key: API_KEY_CREATED_EXAMPLE.key,
  rotation: KEY_ROTATION_EXAMPLE,
};

export const FINISHED_EXAMPLE = {
  ...KEY_ROTATION_EXAMPLE,
  state: 'finished',
  retires_at: '2026-11-03T10:15:00.000Z',
  new_key: { first_used_at: '2026-11-03T10:00:00.000Z', handover: 'shown' },
  ended_at: '2026-11-03T10:15:00.000Z',
  end_reason: 'finished_early',
};

export const ABORTED_EXAMPLE = {
  ...KEY_ROTATION_EXAMPLE,
  state: 'aborted',
  retires_at: null,
  ended_at: '2026-11-03T10:15:00.000Z',
  end_reason: 'aborted',
};
