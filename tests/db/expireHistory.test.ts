import { expect } from 'chai';
import type { Knex } from 'knex';
import { withTenant } from '../../db/tenancy.ts';
import { useDatabase } from '../support/database.ts';
import { daysAgo, makeOldPartitions, partitionOf, plantHistory, useSuperuser } from '../support/oldHistory.ts';
import { TestTenant } from '../support/tenant.ts';

interface Removed {
  removed_events: number;
  removed_deliveries: number;
  removed_dead_letters: number;
  removed_attempts: number;
}

describe('what retention may do in the database', () => {
  const database = useDatabase();
  const superuser = useSuperuser(database);
  let tenant: TestTenant;
  let endpointId: string;
  let other: TestTenant;
  let otherEndpoint: string;
  before(async () => {
    [tenant, other] = [await TestTenant.create(database), await TestTenant.create(database)];
    [{ id: endpointId }, { id: otherEndpoint }] = [await tenant.webhook({}), await other.webhook({})];
    await makeOldPartitions(superuser.knex, 800);
  });

  const plant = (daysOld: number, status?: string) =>
    plantHistory(superuser.knex, { orgId: tenant.orgId, endpointId, daysOld, ...(status && { status }) });
  const expire = (daysOld: number, batch = 10, knex: Knex = database.system): Promise<Removed> =>
    withTenant(knex, tenant.orgId, async (trx) => (await trx.raw('SELECT * FROM expire_history(?, ?)', [daysAgo(daysOld), batch])).rows[0]);
  const drop = async (parent: string, month: string, knex: Knex = database.system): Promise<boolean> =>
    (await knex.raw('SELECT drop_history_partition(?, ?) AS dropped', [parent, month])).rows[0].dropped;
  const monthOf = (daysOld: number): string => `${daysAgo(daysOld).toISOString().slice(0, 7)}-01`;
  const left = async (): Promise<number[]> =>
    Promise.all(['events', 'deliveries', 'delivery_attempts'].map(async (table) => (await tenant.rows(table)).length));

  describe('expire_history', () => {
    it('removes finished history of the organization in whole, in batches, and no other row', async () => {
      for (const status of ['delivered', 'dead', 'cancelled']) await plant(40, status);
      await plant(20);
      await plantHistory(superuser.knex, { orgId: other.orgId, endpointId: otherEndpoint, daysOld: 40 });
      const first = await expire(30, 2);
      expect(first).to.include({ removed_deliveries: 2, removed_attempts: 2, removed_events: 2 });
      const second = await expire(30, 2);
      expect(second).to.include({ removed_deliveries: 1, removed_attempts: 1, removed_events: 1 });
      expect(first.removed_dead_letters + second.removed_dead_letters).to.equal(1);
      expect(await left()).to.deep.equal([1, 1, 1]);
      expect(await other.rows('events')).to.have.length(1);
      expect(await expire(30)).to.include({ removed_deliveries: 0, removed_events: 0 });
    });

    it('never removes an unfinished delivery, its event or its attempts', async () => {
      const kept = (await Promise.all(['pending', 'retrying', 'in_flight'].map((status) => plant(50, status)))).flat();
      expect(await expire(30)).to.include({ removed_deliveries: 0, removed_events: 0, removed_attempts: 0 });
      const ids = (await tenant.rows<{ id: string }>('events')).map(({ id }) => id);
      expect(ids).to.include.members(kept.map(({ eventId }) => eventId));
    });

    it('leaves a delivery to the replay that holds it at this moment', async () => {
      const [planted] = await plant(60);
      const { deliveryId } = planted!;
      await withTenant(database.app, tenant.orgId, async (trx) => {
        await trx('deliveries').where({ id: deliveryId }).forUpdate();
        expect(await expire(30)).to.include({ removed_deliveries: 0, removed_events: 0 });
        await trx('deliveries').where({ id: deliveryId }).update({ status: 'pending', next_attempt_at: trx.fn.now() });
      });
      expect(await expire(30)).to.include({ removed_deliveries: 0, removed_events: 0 });
    });

    it('refuses what is younger than 7 days, batches without bound, no organization, and artisan_app', async () => {
      expect(await codeOf(expire(6))).to.equal('22023');
      expect(await codeOf(expire(30, 0))).to.equal('22023');
      expect(await codeOf(expire(30, 5_001))).to.equal('22023');
      expect(await codeOf(database.system.raw('SELECT expire_history(?, 10)', [daysAgo(30)]))).to.equal('22023');
      expect(await codeOf(expire(30, 10, database.app))).to.equal('42501');
    });

    it('leaves the fence of the attempts as it was, for the rest of the transaction too', async () => {
      await plant(40);
      const change = superuser.knex.transaction(async (trx) => {
        await trx.raw("SELECT set_config('app.org_id', ?, true)", [tenant.orgId]);
        await trx.raw('SELECT expire_history(?, 10)', [daysAgo(30)]);
        await trx.raw('DELETE FROM delivery_attempts');
      });
      expect(await codeOf(change)).to.equal('42501');
    });
  });

  describe('drop_history_partition', () => {
    it('drops a month of events or attempts that ended a year ago; a repeat finds nothing', async () => {
      await plant(700);
      expect(await drop('events', monthOf(700))).to.equal(true);
      expect(await drop('delivery_attempts', monthOf(700))).to.equal(true);
      expect(await drop('events', monthOf(700))).to.equal(false);
      expect(await superuser.knex.schema.hasTable(partitionOf('events', 700))).to.equal(false);
    });

    it('keeps a month that holds the event or an attempt of an unfinished delivery', async () => {
      await plant(600, 'pending');
      expect(await drop('events', monthOf(600))).to.equal(false);
      expect(await drop('delivery_attempts', monthOf(600))).to.equal(false);
      expect(await superuser.knex.schema.hasTable(partitionOf('events', 600))).to.equal(true);
    });

    it('refuses other tables, months that are young or no months, and artisan_app', async () => {
      for (const parent of ['audit_leaf', 'deliveries', 'events; DROP TABLE users', 'EVENTS']) {
        expect(await codeOf(drop(parent, monthOf(700))), parent).to.equal('22023');
      }
      expect(await codeOf(drop('events', monthOf(340)))).to.equal('22023');
      expect(await codeOf(drop('events', monthOf(600).replace(/01$/, '02')))).to.equal('22023');
      expect(await codeOf(drop('events', monthOf(600), database.app))).to.equal('42501');
    });

    it('waits a second for the table at most, so publishers are not held up behind it', async () => {
      await plant(650);
      await withTenant(database.app, tenant.orgId, async (trx) => {
        await trx('events').first();
        const started = Date.now();
        expect(await codeOf(drop('events', monthOf(650)))).to.equal('55P03');
        expect(Date.now() - started).to.be.below(5_000);
      });
    });
  });
});

async function codeOf(work: PromiseLike<unknown>): Promise<string | undefined> {
  return work.then(
    () => 'no error',
    (error: Error & { code?: string }) => error.code,
  ) as Promise<string | undefined>;
}
