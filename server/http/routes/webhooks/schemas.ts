import { z } from 'zod';
import { channelsField, distinct, instant, label, line, note, text, whole, wrong } from '../../fields.ts';
import { idSchema } from '../../params.ts';

const DAY_SECONDS = 86_400;

const verify = z
  .boolean(wrong('must be true or false'))
  .describe(
    'Sends a signed `webhook.verification` with a challenge to the URL first. Its receiver has to answer 2xx with `{"challenge":"…"}` within `timeout_seconds`, at most 10 s; otherwise nothing is stored.',
  );

const settings = {
  name: line(120).describe('What people call the endpoint.'),
  url: text()
    .min(1, 'must not be empty')
    .max(2_048, 'has at most 2,048 characters')
    .regex(/^[^\p{Cc}\s]*$/u, 'must not contain spaces or control characters')
    .describe('Where events are posted: a public HTTPS address. Redirects are not followed.'),
  events: z
    .array(label(100), wrong('must be a list of event types'))
    .min(1, 'must name at least one event type')
    .max(100, 'has at most 100 entries')
    .refine(distinct, 'must not name an event type twice')
    .describe(
      'Event types: exact (`lead.created`), a group (`lead.*`), or `*` for every type that clients publish. Operational types such as `webhook.delivery.dead` are named, or matched by a group such as `webhook.*`.',
    ),
  description: note(1_000).nullable().describe('A note for people; null when there is none.'),
  timeout_seconds: whole(1, 300).describe('Deadline of one attempt: connecting, sending and reading the answer.'),
  max_retries: whole(0, 10).describe(
    'Attempts after the first; then the delivery is dead. Not used while `retry_schedule_seconds` has entries.',
  ),
  retry_delay_seconds: whole(1, DAY_SECONDS).describe(
    'Wait before the first retry; it doubles with each one (60, 120, 240, …), ±10 %. Not used while `retry_schedule_seconds` has entries.',
  ),
  retry_schedule_seconds: z
    .array(whole(1, 7 * DAY_SECONDS), wrong('must be a list of seconds'))
    .max(10, 'has at most 10 entries')
    .describe('A schedule of your own: one retry after each of these waits. Empty: `max_retries` and `retry_delay_seconds` decide.'),
  headers: z
    .record(z.string(), text(), wrong('must be an object of header names and values'))
    .describe(
      'Headers sent with every request, such as a token that the receiver expects. Stored encrypted and never shown again: reads show `***`, which is refused here.',
    ),
  max_in_flight: whole(1, 100).describe('Requests that may be open to the endpoint at the same time.'),
  rate_limit_per_second: whole(1, 10_000)
    .nullable()
    .describe('Requests that are sent to the endpoint in any second, spread evenly; retries and replays count too. null: no limit.'),
  ordered: z
    .boolean(wrong('must be true or false'))
    .describe(
      'One request at a time, in the order of the events: a failing delivery holds back those behind it until it is delivered or dead.',
    ),
  filter: z
    .record(z.string(), z.unknown(), wrong('must be an object of paths and conditions, or null'))
    .nullable()
    .describe(
      'When set, only events whose data satisfies it arrive: paths such as `data.score` with a value to equal, or with `in`, `exists`, `prefix`, `gt`, `gte`, `lt`, `lte`; combined by `and`, `or`, `not`. All entries of an object must hold. Replaced as a whole; null: every event.',
    ),
  channels: channelsField().describe('When not empty, only events published to one of these channels arrive.'),
};

/** What a new endpoint is made of. Everything but name, url and events has a default. */
export const WebhookIn = z
  .strictObject({
    name: settings.name,
    url: settings.url,
    events: settings.events,
    description: settings.description.default(null),
    timeout_seconds: settings.timeout_seconds.default(30),
    max_retries: settings.max_retries.default(5),
    retry_delay_seconds: settings.retry_delay_seconds.default(60),
    retry_schedule_seconds: settings.retry_schedule_seconds.default([]),
    headers: settings.headers.default({}),
    max_in_flight: settings.max_in_flight.default(10),
    rate_limit_per_second: settings.rate_limit_per_second.default(null),
    ordered: settings.ordered.default(false),
    filter: settings.filter.default(null),
    channels: settings.channels.default([]),
    signature: z
      .enum(['v1', 'v1a'], 'must be "v1" or "v1a"')
      .default('v1')
      .describe(
        'Scheme of Standard Webhooks: `v1` is HMAC-SHA-256 with a shared secret, `v1a` is Ed25519, verified with the key in `public_keys`.',
      ),
    verify: verify.default(false),
    workspace_id: idSchema('wsp')
      .nullable()
      .default(null)
      .describe('Binds the endpoint to one workspace: only events of that workspace arrive. null: every event of the organization.'),
  })
  .meta({ id: 'WebhookIn' });

/** A field that is absent stays as it is; lists and headers are replaced as a whole. */
export const WebhookPatch = z
  .strictObject({ ...settings, verify })
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'must name at least one field to change')
  .meta({ id: 'WebhookPatch' });

const WebhookStats = z.object({
  delivered: z.int().describe('Deliveries that the endpoint answered with 2xx.'),
  failed: z.int().describe('Deliveries that used up their retries.'),
  success_rate: z.number().nullable().describe('delivered / (delivered + failed), from 0 to 1; null while both are 0.'),
});

export const WebhookOut = z
  .object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    events: z.array(z.string()),
    description: z.string().nullable(),
    timeout_seconds: z.int(),
    max_retries: z.int(),
    retry_delay_seconds: z.int(),
    retry_schedule_seconds: z.array(z.int()),
    headers: z.record(z.string(), z.string()).describe('Names of the custom headers; every value reads `***`.'),
    max_in_flight: z.int(),
    rate_limit_per_second: z.int().nullable(),
    ordered: z.boolean(),
    filter: z.record(z.string(), z.unknown()).nullable(),
    channels: z.array(z.string()),
    signature: z.enum(['v1', 'v1a']),
    workspace_id: z.string().nullable(),
    status: z
      .enum(['active', 'paused', 'failing', 'disabled'])
      .describe('`active` receives events; `paused` and `disabled` keep them; `failing` is being probed.'),
    verified_at: instant()
      .nullable()
      .describe('When the receiver at the URL last echoed a challenge (`verify`); null: never, or the URL changed since.'),
    public_keys: z.array(z.string()).describe('`whpk_…` keys that verify `v1a` signatures; empty for `v1`.'),
    created_at: instant(),
    updated_at: instant(),
    stats: WebhookStats,
  })
  .meta({ id: 'WebhookOut' });

export const WebhookCreated = WebhookOut.extend({
  secret: z
    .string()
    .nullable()
    .describe('The signing secret, shown here and never again; null for `v1a`, whose receivers need the public key only.'),
}).meta({ id: 'WebhookCreated' });
