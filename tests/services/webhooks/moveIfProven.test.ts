import { expect } from 'chai';
import { newId } from '../../../server/ids.ts';
import { withTenant } from '../../../db/tenancy.ts';
import { claimDue } from '../../../services/webhooks/claim.ts';
import { MOST_BROUGHT, PROVEN_AFTER, SLOW_MS, moveIfProven } from '../../../services/webhooks/express/lane.ts';
import { recordResults } from '../../../services/webhooks/record.ts';
import { useDatabase } from '../../support/database.ts';
import { TestTenant } from '../../support/tenant.ts';

describe('moveIfProven: who comes to the express lane', () => {
  const database = useDatabase();
  let tenant: TestTenant;
  let endpointId: string;
  beforeEach(async () => {
    tenant = await TestTenant.create(database);
    endpointId = (await tenant.webhook({})).id;
  });

  const publish = (count: number) => tenant.publish(...Array.from({ length: count }, () => ({})));
  const moves = () => withTenant(database.app, tenant.orgId, (trx) => moveIfProven(trx, tenant.orgId, endpointId));
  const claim = (limit: number) => {
    const claimId = newId();
    const request = { orgId: tenant.orgId, endpointId, claimId, limit, leaseMs: 30_000, ordered: false };
    return withTenant(database.app, tenant.orgId, async (trx) => ({ claimId, deliveries: await claimDue(trx, request) }));
  };

  /** Delivers what is due with the first attempt, each within so many milliseconds. */
  async function deliver(count: number, durationMs = SLOW_MS - 1): Promise<void> {
    await publish(count);
    const { claimId, deliveries } = await claim(count);
    const results = deliveries.map(({ id, eventId, eventType, replay }) => ({
      deliveryId: id,
      eventId,
      eventType,
      replay,
      number: 1,
      startedAt: new Date(),
      durationMs,
      statusCode: 200,
      errorCode: null,
      responseExcerpt: null,
      retryAfterMs: null,
      failures: 0,
      verdict: { status: 'delivered' as const },
    }));
    await withTenant(database.app, tenant.orgId, (trx) => recordResults(trx, { orgId: tenant.orgId, endpointId, claimId, results }));
  }

  it('one whose last twenty finished deliveries were fast, with up to forty that wait', async () => {
    await deliver(PROVEN_AFTER);
    await publish(MOST_BROUGHT + 1);
    expect(await moves(), 'one too many').to.equal(false);
    await tenant.update('deliveries', { status: 'pending' }, () => ({ status: 'cancelled', next_attempt_at: null }));
    await deliver(PROVEN_AFTER);
    await publish(MOST_BROUGHT);
    expect(await moves()).to.equal(true);
    expect(await moves(), 'it is in it').to.equal(false);
  });

  it('none with a finished delivery that was slow, whatever waits behind it', async () => {
    await deliver(PROVEN_AFTER);
    await deliver(1, SLOW_MS);
    await publish(1);
    expect(await moves()).to.equal(false);
    await deliver(PROVEN_AFTER - 1);
    expect(await moves()).to.equal(false);
  });

  it('none of which another run has claimed something, which counts against its cap, or which failed with what waits', async () => {
    await deliver(PROVEN_AFTER);
    await publish(2);
    const { deliveries } = await claim(1);
    expect(await moves(), 'claimed').to.equal(false);
    const ids = deliveries.map(({ id }) => id);
    await tenant.update('deliveries', { id: ids[0] }, () => ({
      status: 'retrying',
      attempts: 1,
      failures: 1,
      claim_id: null,
      claimed_until: null,
    }));
    expect(await moves(), 'retried').to.equal(false);
    await tenant.update('deliveries', { id: ids[0] }, () => ({ status: 'pending', attempts: 0, failures: 0 }));
    expect(await moves()).to.equal(true);
  });
});
