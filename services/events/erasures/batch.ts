import { PayloadErasure } from '../../../db/models/PayloadErasure.ts';
import { eventsHolding, payloadsOf } from '../../../db/queries/eventsHolding.ts';
import { typeId } from '../../../server/ids.ts';
import { appendAuditBatch } from '../../audit/append.ts';
import type { TenantContext } from '../../context.ts';
import { erasePayloads } from '../erasePayloads.ts';
import { placeOf, standsAt, stepsOf } from './place.ts';
import { valueContext } from './start.ts';

/** Payloads have up to a quarter of a megabyte; each is looked through by Postgres, and read here when it holds the value at all. */
const LOOKED_AT = 500;
const READ_AT_ONCE = 20;
/** A leaf of the audit log holds at most 64 KiB. */
const NAMED_IN_ENTRY = 200;
/** Ids are made by the clocks of several machines: what was accepted before the request may have an id that is a little ahead. It only ends the scan. */
const CLOCK_DIFFERENCE_MS = 3_600_000;

/**
 * Looks at the next events of an erasure and erases those that name the subject, with their ids in the audit log: one transaction.
 * Safe to repeat. At the end the sealed value is erased too. Null when the erasure does not exist.
 */
export async function eraseNextBatch(tenant: TenantContext, id: string): Promise<PayloadErasure | null> {
  const { trx, actor, clock } = tenant;
  const erasure = await PayloadErasure.query(trx).findOne({ org_id: actor.orgId, id }).forUpdate();
  if (!erasure || erasure.sealedValue === null) return erasure ?? null;
  const value = tenant.vault.open(erasure.sealedValue, valueContext(actor.orgId, id)).toString('utf8');
  const until = new Date(erasure.createdAt.getTime() + CLOCK_DIFFERENCE_MS);
  const { workspaceId, position } = erasure;
  const range = { orgId: actor.orgId, erasureId: id, workspaceId, after: position, until };
  const page = await eventsHolding(trx, { ...range, text: value, limit: LOOKED_AT });
  const matching = await thoseAbout(tenant, erasure.path, JSON.parse(value) as string | number, page.holding);
  const erased = await eraseAndReport(tenant, matching);
  const now = clock.now();
  const done = page.looked < LOOKED_AT;
  return erasure.$query(trx).patchAndFetch({
    position: page.last ?? position,
    examined: erasure.examined + page.looked,
    erased: erasure.erased + erased,
    updatedAt: now,
    ...(done && { sealedValue: null, finishedAt: now }),
  });
}

async function thoseAbout({ trx, actor }: TenantContext, path: string, value: string | number, ids: string[]): Promise<string[]> {
  const steps = stepsOf(placeOf(path));
  const about: string[] = [];
  for (let start = 0; start < ids.length; start += READ_AT_ONCE) {
    const payloads = await payloadsOf(trx, actor.orgId, ids.slice(start, start + READ_AT_ONCE));
    const matching = payloads.filter(({ payload }) => standsAt(JSON.parse(payload), steps, value));
    about.push(...matching.map(({ id }) => id));
  }
  return about;
}

async function eraseAndReport(tenant: TenantContext, ids: string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const { eventIds } = await erasePayloads(tenant.trx, tenant.actor.orgId, ids);
  const entries = [];
  for (let start = 0; start < eventIds.length; start += NAMED_IN_ENTRY) {
    const targets = eventIds.slice(start, start + NAMED_IN_ENTRY).map((id) => ({ type: 'event', id: typeId('evt', id) }));
    const input = { action: 'events.erase_payload', category: 'compliance' as const, severity: 'warning' as const, targets };
    entries.push({ actor: tenant.actor, input });
  }
  await appendAuditBatch(tenant.trx, entries, tenant);
  return eventIds.length;
}
