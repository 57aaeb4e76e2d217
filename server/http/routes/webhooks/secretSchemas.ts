import { z } from 'zod';
import { instant, whole } from '../../fields.ts';
import { WebhookCreated } from './schemas.ts';

const DAY_SECONDS = 86_400;

/** How a signing secret is replaced. */
export const SecretRotation = z
  .strictObject({
    overlap_seconds: whole(0, 7 * DAY_SECONDS)
      .default(DAY_SECONDS)
      .describe(
        'How long the secret of today signs beside the new one. 0: it and all earlier ones are erased at once, for one that leaked.',
      ),
  })
  .meta({ id: 'SecretRotation' })
  .prefault({});

export const SecretRotated = WebhookCreated.extend({
  previous_secrets_until: instant()
    .nullable()
    .describe('Until then requests carry signatures of earlier secrets too, the last of them; null: none signs any more.'),
}).meta({ id: 'SecretRotated' });
