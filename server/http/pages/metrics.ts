import { hash, timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import { AppError } from '../../../services/errors/AppError.ts';
import type { Deps } from '../../deps.ts';
import { notFound } from '../notFound.ts';

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** Prometheus text, for who holds METRICS_TOKEN; without one, for this machine. Throws missing_credentials, not_found. */
export async function showMetrics(ctx: Context, { config, metrics }: Deps): Promise<void> {
  assertMayRead(ctx, config.METRICS_TOKEN);
  ctx.set('Content-Type', metrics.registry.contentType);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = await metrics.registry.metrics();
}

function assertMayRead(ctx: Context, token: string | undefined): void {
  if (token === undefined) {
    // A proxy on this machine makes every caller look local.
    const proxied = ctx.get('X-Forwarded-For') !== '' || ctx.get('Forwarded') !== '';
    if (proxied || !LOOPBACK.has(ctx.req.socket.remoteAddress ?? '')) throw notFound();
    return;
  }
  const given = /^Bearer +(\S+)$/i.exec(ctx.get('Authorization'))?.[1] ?? '';
  if (timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', token, 'buffer'))) return;
  throw new AppError('missing_credentials', { detail: 'Send "Authorization: Bearer" and the METRICS_TOKEN of this installation.' });
}
