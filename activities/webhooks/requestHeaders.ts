import { readFileSync } from 'node:fs';
import type { SignedMessage } from '../../services/webhooks/sign.ts';
import type { DeliveryTarget } from '../../services/webhooks/target.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
const USER_AGENT = `Artisan-Webhooks/${version}`;

/** The endpoint's own headers first, so that none of them can replace one of ours. */
export function requestHeaders(
  { headers, sign }: Pick<DeliveryTarget, 'headers' | 'sign'>,
  message: SignedMessage,
  { replay }: { replay: boolean },
): Record<string, string> {
  return {
    ...headers,
    'content-type': 'application/json',
    'user-agent': USER_AGENT,
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestampSeconds),
    'webhook-signature': sign(message),
    ...(replay && { 'webhook-replay': '1' }),
  };
}
