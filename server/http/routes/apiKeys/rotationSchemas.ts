import { z } from 'zod';
import { instant, moment, whole } from '../../fields.ts';
import { ApiKeyCreated } from './schemas.ts';

const DAY_SECONDS = 86_400;
const MONTH_MINUTES = 30 * 24 * 60;

/** How a key is replaced. */
export const KeyRotationIn = z
  .strictObject({
    grace_seconds: whole(0, 30 * DAY_SECONDS)
      .default(DAY_SECONDS)
      .describe('How long the key of today works beside the new one. 0: not at all, for one that leaked.'),
    expires_at: moment()
      .optional()
      .describe('End of the new key. Without it the new key gets as long a life as the old one was made for, beginning now.'),
    retire_after_first_use_minutes: whole(0, MONTH_MINUTES)
      .nullable()
      .optional()
      .describe(
        'The old key retires so long after the new one was first used, if that is before the end of the grace. null: only the grace counts. Without it: as `api_keys.retire_after_first_use_minutes` of the organization says, an hour unless it was changed.',
      ),
  })
  .meta({ id: 'KeyRotationIn' })
  .prefault({});

export const KeyRotationExtension = z
  .strictObject({
    grace_seconds: whole(60, 30 * DAY_SECONDS).describe(
      'How long the old key works from now on. The use of the new key ends nothing any more.',
    ),
  })
  .meta({ id: 'KeyRotationExtension' });

/** Where a rotation stands. */
export const KeyRotationOut = z
  .object({
    id: z.string().describe('Of the rotation.'),
    api_key_id: z.string().describe('The old key: the one that is replaced.'),
    successor_id: z.string().describe('The new key.'),
    cause: z.enum(['request', 'policy']).describe('Who wanted it: somebody’s request, or `api_keys.rotation_days` of the organization.'),
    state: z
      .enum(['overlapping', 'finished', 'aborted'])
      .describe('overlapping: both keys work. finished: the old one is retired. aborted: the new one was revoked, the old one lives on.'),
    started_at: instant(),
    grace_ends_at: instant().describe('The old key works until then at most.'),
    retire_after_first_use_minutes: z.number().int().nullable(),
    retires_at: instant()
      .nullable()
      .describe('When the old key stops working as things stand, or has stopped; null: it does not, the rotation was aborted.'),
    old_key: z
      .object({
        last_used_at: instant()
          .nullable()
          .describe('Known about ten seconds after the use. Old enough: nobody needs the old key any more.'),
        last_used_ip: z.string().nullable(),
      })
      .describe('Who still uses it tells whether it is safe to end.'),
    new_key: z.object({
      first_used_at: instant().nullable(),
      handover: z
        .enum(['shown', 'waiting', 'picked_up', 'withdrawn'])
        .describe(
          'shown: in the answer to the request. waiting: to be picked up at `POST …/rotation/secret`. withdrawn: nobody did, in time.',
        ),
    }),
    ended_at: instant().nullable(),
    end_reason: z.enum(['grace_over', 'new_key_used', 'expired', 'revoked', 'finished_early', 'aborted']).nullable(),
  })
  .meta({ id: 'KeyRotation' });

/** The new key, this once. */
export const RotatedApiKey = ApiKeyCreated.extend({ rotation: KeyRotationOut }).meta({ id: 'RotatedApiKey' });
