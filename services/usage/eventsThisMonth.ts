import type { TenantContext } from '../context.ts';
import { monthOf } from './month.ts';

/** Events that clients published this month (UTC), but for those of the last seconds: see `EventMeter`. */
export async function eventsThisMonth({ trx, actor, clock }: Pick<TenantContext, 'trx' | 'actor' | 'clock'>): Promise<number> {
  const row = await trx('event_usage')
    .where({ org_id: actor.orgId, month: monthOf(clock.now()) })
    .first<{ events: string | number } | undefined>('events');
  return Number(row?.events ?? 0);
}
