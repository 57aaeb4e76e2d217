import type { Knex } from 'knex';
import { fencedBegin, openedBy } from './openedBy.ts';
import { prepared } from './prepared.ts';

/**
 * Runs `work` in one transaction that sees and writes only the rows of `orgId` (uuid): the row level security policies read
 * `app.org_id`, which is set for this transaction and gone with it. Commits when `work` resolves, rolls back when it throws.
 * One per request or activity step, not per query; call nothing external while it is open.
 */
export function withTenant<T>(knex: Knex, orgId: string, work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
  return openedBy(fencedBegin('app.org_id', orgId), knex, work);
}

/** The same for the rows of one person (uuid), which belong to no organization: the policies of those tables read `app.user_id`. */
export function withUser<T>(knex: Knex, userId: string, work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
  return openedBy(fencedBegin('app.user_id', userId), knex, work);
}

/** Opens the rows of one person in a transaction that may be an organization's as well: for who acts in it as a person. */
export async function enterUser(trx: Knex.Transaction, userId: string): Promise<void> {
  await prepared(trx, 'enter-user', "SELECT set_config('app.user_id', $1, true)", [userId]);
}

/** Does something in an organization (uuid) in the middle of a transaction that is another's or nobody's, and leaves it again. */
export async function inTenantOf<T>(trx: Knex.Transaction, orgId: string, work: () => Promise<T>): Promise<T> {
  const { rows } = await trx.raw<{ rows: [{ before: string }] }>("select coalesce(current_setting('app.org_id', true), '') as before");
  await enterTenant(trx, orgId);
  const result = await work();
  await enterTenant(trx, rows[0].before);
  return result;
}

async function enterTenant(trx: Knex.Transaction, orgId: string): Promise<void> {
  await prepared(trx, 'enter-tenant', "SELECT set_config('app.org_id', $1, true)", [orgId]);
}
