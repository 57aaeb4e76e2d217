import { expect } from 'chai';
import type { Knex } from 'knex';
import { v7 } from 'uuid';
import { createKnex } from '../../db/knex.ts';
import { useDatabase } from '../support/database.ts';
import { findFenceFaults } from '../guards/support/fenceFaults.ts';
import { plantTenant, tenantRows } from './support/tenantRows.ts';
import type { TenantIds } from './support/tenantRows.ts';

describe('month partitions', () => {
  const database = useDatabase();
  let owner: Knex;
  let superuser: Knex;
  let tenant: TenantIds;
  before(async () => {
    owner = createKnex(database.urls.owner, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
    superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
    tenant = await plantTenant(superuser);
  });
  after(() => Promise.all([owner.destroy(), superuser.destroy()]));

  it('uuidv7_floor is at or below every UUIDv7 of its millisecond and above every one before', async () => {
    const at = new Date('2026-12-01T00:00:00.000Z');
    const { rows } = await database.app.raw<{ rows: { floor: string }[] }>('SELECT uuidv7_floor(?) AS floor', [at]);
    const lowest = v7({ msecs: at.getTime(), seq: 0, random: new Uint8Array(16) });
    const highest = v7({ msecs: at.getTime() - 1, seq: 0xffff_ffff, random: new Uint8Array(16).fill(0xff) });
    expect(rows[0]!.floor <= lowest).to.equal(true);
    expect(rows[0]!.floor > highest).to.equal(true);
  });

  it('a row lies in the month of its id, whatever the time zone of the session', async () => {
    await superuser.raw("SET timezone = 'Asia/Tokyo'");
    const now = new Date();
    const firstOfMonth = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
    expect(await partitionOf(firstOfMonth)).to.equal(name(firstOfMonth));
    expect(await partitionOf(firstOfMonth - 1)).to.equal(name(firstOfMonth - 1));
    const inElevenMonths = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 11, 15);
    expect(await partitionOf(inElevenMonths)).to.equal(name(inElevenMonths));
  });

  it('a row of a month without a partition is kept in the DEFAULT one, and that month is passed over instead of failing', async () => {
    const farAhead = new Date();
    const month = Date.UTC(farAhead.getUTCFullYear(), farAhead.getUTCMonth() + 13, 15);
    expect(await partitionOf(month)).to.equal('events_default');
    expect(await ensure(3, 14)).to.equal(2 * 7 - 1);
    expect(await partitionOf(month)).to.equal('events_default');
  });

  it('repeated, it makes nothing; new partitions carry every fence', async () => {
    expect(await ensure(3, 15)).to.equal(7);
    expect(await ensure(3, 15)).to.equal(0);
    expect(await findFenceFaults(owner)).to.deep.equal([]);
  });

  it('artisan_system may ask for partitions although it owns nothing; artisan_app may not', async () => {
    await database.system.raw('SELECT ensure_partitions(0, 1)');
    const refused = await database.app.raw('SELECT ensure_partitions(0, 1)').catch((error: Error & { code?: string }) => error.code);
    expect(refused).to.equal('42501');
  });

  it('a read with a bound on the id touches only the partitions of that time', async () => {
    const { rows } = await superuser.raw<{ rows: Record<string, string>[] }>(
      `EXPLAIN SELECT * FROM events WHERE org_id = '${tenant.orgId}' AND id >= uuidv7_floor(now()::timestamptz(3)) AND id < uuidv7_floor(date_trunc('month', now(), 'UTC') + interval '32 days')`,
    );
    expect(rows.filter((row) => /events_\d{4}_\d\d/.test(Object.values(row)[0]!)).length).to.be.at.most(4);
  });

  async function ensure(back: number, ahead: number): Promise<number> {
    const { rows } = await owner.raw<{ rows: { made: number }[] }>('SELECT ensure_partitions(?, ?) AS made', [back, ahead]);
    return rows[0]!.made;
  }

  async function partitionOf(msecs: number): Promise<string> {
    const row = { ...tenantRows(tenant)['events']!, id: v7({ msecs }) };
    const [stored] = await superuser('events').insert(row).returning(superuser.raw('tableoid::regclass::text AS partition'));
    return stored.partition;
  }
});

const name = (msecs: number): string => `events_${new Date(msecs).toISOString().slice(0, 7).replace('-', '_')}`;
