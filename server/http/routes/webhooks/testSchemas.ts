import { z } from 'zod';
import { TEST_EVENT_TYPE } from '../../../../services/eventTypes/registry.ts';
import { instant, label } from '../../fields.ts';
import { Delivery } from './deliverySchemas.ts';

/** What is sent to try an endpoint. */
export const WebhookTestIn = z
  .strictObject({
    event_type: label(100)
      .default(TEST_EVENT_TYPE)
      .describe(
        "The type whose example is sent: built in, or one of the organization's own, whose data then satisfies its newest schema. The endpoint need not subscribe to it.",
      ),
  })
  .meta({ id: 'WebhookTestIn' })
  .prefault({});

export const WebhookTestOut = Delivery.extend({
  payload: z
    .object({ type: z.string(), timestamp: instant(), data: z.record(z.string(), z.unknown()) })
    .nullable()
    .describe('The body that is posted; null in the answer to a repeat with the same Idempotency-Key, for which it is not kept.'),
}).meta({ id: 'WebhookTestOut' });
