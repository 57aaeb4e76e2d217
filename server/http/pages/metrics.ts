import type { Context } from 'koa';
import { AppError } from '../../../services/errors/AppError.ts';
import type { Deps } from '../../deps.ts';
import { mayReadMetrics } from '../../../services/health/metricsAccess.ts';
import { notFound } from '../notFound.ts';

/** Prometheus text, for who holds METRICS_TOKEN; without one, for this machine. Throws missing_credentials, not_found. */
export async function showMetrics(ctx: Context, { config, metrics }: Deps): Promise<void> {
  assertMayRead(ctx, config.METRICS_TOKEN);
  ctx.set('Content-Type', metrics.registry.contentType);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = await metrics.registry.metrics();
}

function assertMayRead(ctx: Context, token: string | undefined): void {
  if (mayReadMetrics(ctx.req, token)) return;
  if (token === undefined) throw notFound();
  throw new AppError('missing_credentials', { detail: 'Send "Authorization: Bearer" and the METRICS_TOKEN of this installation.' });
}
