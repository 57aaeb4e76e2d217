import { ApiKey } from '../../db/models/ApiKey.ts';
import type { TenantContext } from '../context.ts';
import type { NumberLimit } from './limits.ts';
import { countSeats } from './seats.ts';

type Counting = Pick<TenantContext, 'trx' | 'actor' | 'clock'>;

/** What counts against a limit right now. Events are counted elsewhere: nobody locks a row to publish one. */
export type CountedLimit = Exclude<NumberLimit, 'events_per_month'>;

export const COUNTS: Readonly<Record<CountedLimit, (tenant: Counting) => Promise<number>>> = {
  seats: countSeats,
  workspaces: (tenant) => countUndeleted(tenant, 'workspaces'),
  webhook_endpoints: (tenant) => countUndeleted(tenant, 'webhook_endpoints'),
  api_keys: countKeys,
};

/** A key and those that succeed it count as one, so a rotation needs no room, and neither does taking one back. A disabled key may be enabled again. */
async function countKeys({ trx, actor, clock }: Counting): Promise<number> {
  const now = clock.now();
  const [row] = await ApiKey.query(trx)
    .where({ org_id: actor.orgId })
    .whereNull('revoked_at')
    .where((ends) => ends.whereNull('retires_at').orWhere('retires_at', '>', now))
    .where((ends) => ends.whereNull('expires_at').orWhere('expires_at', '>', now))
    .countDistinct('family_id as count')
    .castTo<{ count: number }[]>();
  return Number(row?.count ?? 0);
}

async function countUndeleted({ trx, actor }: Counting, table: string): Promise<number> {
  const [row] = await trx(table).where({ org_id: actor.orgId }).whereNull('deleted_at').count<{ count: number }[]>('* as count');
  return Number(row?.count ?? 0);
}
