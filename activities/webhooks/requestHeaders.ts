import { readFileSync } from 'node:fs';
import { TEST_EVENT_TYPE } from '../../services/eventTypes/registry.ts';
import type { SignedMessage } from '../../services/webhooks/sign.ts';
import type { DeliveryTarget } from '../../services/webhooks/target.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
const USER_AGENT = `Artisan-Webhooks/${version}`;

/** The endpoint's own headers first, so that none of them can replace one of ours. */
export function requestHeaders(
  { headers, sign }: Pick<DeliveryTarget, 'headers' | 'sign'>,
  message: SignedMessage,
  { replay, eventType }: { replay: boolean; eventType: string },
): Record<string, string> {
  return {
    ...headers,
    'content-type': 'application/json',
    'user-agent': USER_AGENT,
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestampSeconds),
    'webhook-signature': sign(message),
    ...(replay && { 'webhook-replay': '1' }),
    // The body may be an example of any type: this is how a receiver tells it from the real thing.
    ...(eventType === TEST_EVENT_TYPE && { 'webhook-test': '1' }),
  };
}
