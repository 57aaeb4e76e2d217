import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** Metrics are for who holds METRICS_TOKEN; without one, for this machine. */
export function mayReadMetrics({ headers, socket }: IncomingMessage, token: string | undefined): boolean {
  if (token === undefined) {
    // A proxy on this machine makes every caller look local.
    const proxied = headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined;
    return !proxied && LOOPBACK.has(socket.remoteAddress ?? '');
  }
  const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', token, 'buffer'));
}
