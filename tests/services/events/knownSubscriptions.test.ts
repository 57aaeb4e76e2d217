import { expect } from 'chai';
import type { Knex } from 'knex';
import { withTenant } from '../../../db/tenancy.ts';
import { useDatabase } from '../../support/database.ts';
import { TestTenant } from '../../support/tenant.ts';

/** How an endpoint changes in the transaction of somebody else, and how many of two endpoints get an event of the kind afterwards. */
const CHANGES: [what: string, change: string | null, deliveries: number][] = [
  ['it is deleted', 'deleted_at = now()', 1],
  ['it is disabled', "status = 'disabled'", 1],
  ['it is paused, which holds deliveries back and does not prevent them', "status = 'paused'", 2],
  ['it subscribes to another type', "event_types = '{meeting.booked}'", 1],
  ['it listens to a channel', "channels = '{eu}'", 1],
  ['it filters the data', `filter = '{"data.score":{"gt":50}}'`, 1],
  ['a new one comes', null, 3],
];

describe('subscriptions that are known from an earlier batch', function () {
  this.timeout(20_000);
  const database = useDatabase();
  let tenant: TestTenant;
  let endpointId: string;
  beforeEach(async () => {
    tenant = await TestTenant.create(database);
    endpointId = (await tenant.webhook({ eventTypes: ['lead.created'] })).id;
    await tenant.webhook({ eventTypes: ['lead.created'] });
  });

  const asTenant = (work: (trx: Knex.Transaction) => Promise<unknown>) => withTenant(database.app, tenant.orgId, work);
  const reached = async (): Promise<number> => (await tenant.publish({ data: { score: 1 } }))[0]!.deliveries;

  for (const [what, change, deliveries] of CHANGES) {
    it(`are those of the moment: ${what}, and ${deliveries} of them get the next event, which is stored once`, async () => {
      expect(await reached()).to.equal(2);
      if (change === null) await tenant.webhook({ eventTypes: ['lead.created'] });
      else await asTenant((trx) => trx.raw(`UPDATE webhook_endpoints SET ${change} WHERE id = ?`, [endpointId]));
      expect(await reached()).to.equal(deliveries);
      expect(await tenant.rows('events')).to.have.lengthOf(2);
      expect(await tenant.rows('deliveries')).to.have.lengthOf(2 + deliveries);
    });
  }

  it('are read again for an endpoint that changed its lane: its workflow is woken', async () => {
    await reached();
    await asTenant((trx) => trx.raw("UPDATE webhook_endpoints SET lane = 'express' WHERE id = ?", [endpointId]));
    tenant.wakes.length = 0;
    await reached();
    expect(tenant.wakes.find((wake) => wake.endpointId === endpointId)).to.include({ express: true });
  });

  it('are not read again for what does not matter to an event', async () => {
    const read: string[] = [];
    const listen = ({ sql }: { sql: string }): void => void (sql.includes('FROM webhook_endpoints') && read.push(sql.slice(0, 11)));
    await reached();
    await asTenant((trx) =>
      trx.raw("UPDATE webhook_endpoints SET description = 'Changed', delivered_count = 7 WHERE id = ?", [endpointId]),
    );
    database.app.client.on('query', listen);
    try {
      await reached();
    } finally {
      database.app.client.off('query', listen);
    }
    expect(read).to.deep.equal(['SELECT CASE']);
  });

  it('are those of the events: another type, a channel and a single endpoint are asked for by themselves', async () => {
    await tenant.webhook({ eventTypes: ['meeting.booked'], channels: ['eu'] });
    const publish = async (event: Parameters<TestTenant['publish']>[0]): Promise<number> => (await tenant.publish(event!))[0]!.deliveries;
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await publish({})).to.equal(2);
      expect(await publish({ type: 'meeting.booked' })).to.equal(0);
      expect(await publish({ type: 'meeting.booked', channels: ['eu'] })).to.equal(1);
      expect(await publish({ onlyEndpointId: endpointId })).to.equal(1);
    }
  });
});
