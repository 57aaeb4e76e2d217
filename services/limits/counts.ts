import type { TenantContext } from '../context.ts';
import type { NumberLimit } from './limits.ts';
import { countSeats } from './seats.ts';

type Counting = Pick<TenantContext, 'trx' | 'actor'>;

/** What counts against a limit right now. Events are counted elsewhere: nobody locks a row to publish one. */
export type CountedLimit = Exclude<NumberLimit, 'events_per_month'>;

export const COUNTS: Readonly<Record<CountedLimit, (tenant: Counting) => Promise<number>>> = {
  seats: countSeats,
  workspaces: (tenant) => countUndeleted(tenant, 'workspaces'),
  webhook_endpoints: (tenant) => countUndeleted(tenant, 'webhook_endpoints'),
};

async function countUndeleted({ trx, actor }: Counting, table: string): Promise<number> {
  const [row] = await trx(table).where({ org_id: actor.orgId }).whereNull('deleted_at').count<{ count: number }[]>('* as count');
  return Number(row?.count ?? 0);
}
