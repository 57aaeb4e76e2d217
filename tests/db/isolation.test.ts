import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { withTenant } from '../../db/tenancy.ts';
import { newId } from '../../server/ids.ts';
import { useDatabase } from '../support/database.ts';
import { plantTenant, tenantRows } from './support/tenantRows.ts';
import type { TenantIds } from './support/tenantRows.ts';

const NO_IDS = {
  orgId: '',
  workspaceId: '',
  userId: '',
  membershipId: '',
  roleId: '',
  keyId: '',
  endpointId: '',
  eventId: '',
  deliveryId: '',
  entryId: '',
};
const TABLES = Object.keys(tenantRows(NO_IDS));
const orgColumn = (table: string): string => (table === 'organizations' ? 'id' : 'org_id');

describe('two tenants in one database', () => {
  const database = useDatabase();
  let superuser: Knex;
  let ours: TenantIds;
  let theirs: TenantIds;
  before(async () => {
    superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
    ours = await plantTenant(superuser);
    theirs = await plantTenant(superuser);
  });
  after(() => superuser.destroy());

  it('these tests cover every tenant table', async () => {
    const { rows } = await superuser.raw<{ rows: { name: string }[] }>(`
      SELECT DISTINCT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition`);
    expect(TABLES).to.have.members(['organizations', ...rows.map(({ name }) => name)]);
  });

  for (const table of TABLES) {
    it(`${table}: a tenant reads its own row only`, async () => {
      const rows = await withTenant(database.app, ours.orgId, (trx) => trx(table).select(orgColumn(table)));
      expect(rows).to.deep.equal([{ [orgColumn(table)]: ours.orgId }]);
    });

    it(`${table}: nothing is readable without an organization`, async () => {
      expect(await database.app(table).select()).to.deep.equal([]);
      expect(await withOrg('', (trx) => trx(table).select())).to.deep.equal([]);
    });

    it(`${table}: a row of another organization can be neither written, changed nor removed`, async () => {
      const row = tenantRows({ ...theirs, deliveryId: newId(), endpointId: newId(), eventId: newId(), entryId: newId() })[table]!;
      expect(await sqlState(withTenant(database.app, ours.orgId, (trx) => trx(table).insert(row)))).to.equal('42501');
      const found = (trx: Knex) => trx(table).where(orgColumn(table), theirs.orgId);
      for (const change of [
        async (trx: Knex) => found(trx).update({ [orgColumn(table)]: ours.orgId }),
        async (trx: Knex) => found(trx).delete(),
      ]) {
        expect(await withTenant(database.app, ours.orgId, change).catch(refused)).to.equal(0);
      }
      expect(await superuser(table).where(orgColumn(table), theirs.orgId)).to.have.lengthOf(1);
    });
  }

  it('users: a tenant sees the people who are its members, and changes none of them', async () => {
    const see = (trx: Knex) => trx('users').pluck('id');
    expect(await withTenant(database.app, ours.orgId, see)).to.deep.equal([ours.userId]);
    expect(await withOrg('', see)).to.deep.equal([]);
    const changes: ((trx: Knex) => Promise<unknown>)[] = [
      async (trx: Knex) => trx('users').insert({ id: newId(), email: 'new@example.com' }),
      async (trx: Knex) => trx('users').update({ name: 'x' }),
      async (trx: Knex) => trx('users').delete(),
    ];
    for (const change of changes) {
      expect(await sqlState(withTenant(database.app, ours.orgId, change))).to.equal('42501');
    }
  });

  it('a row cannot hang on a parent of another organization', async () => {
    const rows = tenantRows({
      ...ours,
      endpointId: theirs.endpointId,
      workspaceId: theirs.workspaceId,
      keyId: theirs.keyId,
      deliveryId: newId(),
      eventId: newId(),
    });
    for (const table of ['webhook_secrets', 'deliveries', 'api_keys', 'key_rotations']) {
      expect(await sqlState(withTenant(database.app, ours.orgId, (trx) => trx(table).insert(rows[table]!))), table).to.equal('23503');
    }
  });

  it('a value that another organization uses is not taken', async () => {
    const row = { ...tenantRows(theirs)['deliveries']!, org_id: ours.orgId, endpoint_id: ours.endpointId };
    await withTenant(database.app, ours.orgId, (trx) => trx('deliveries').insert(row));
    await withTenant(database.app, ours.orgId, (trx) =>
      trx('memberships').insert({ org_id: ours.orgId, id: newId(), user_id: theirs.userId }),
    );
    const shared = (trx: Knex) => trx('users').orderBy('id').pluck('id');
    expect(await withTenant(database.app, ours.orgId, shared)).to.deep.equal([ours.userId, theirs.userId].toSorted());
    expect(await withTenant(database.app, theirs.orgId, shared)).to.deep.equal([theirs.userId]);
  });

  it('a partition cannot be read around its table', async () => {
    expect(await sqlState(withTenant(database.app, ours.orgId, (trx) => trx('events_default').select()))).to.equal('42501');
  });

  it('the organization is forgotten with its transaction, committed or rolled back, on the same connection', async () => {
    const one = createKnex(database.urls.app, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
    try {
      await withTenant(one, ours.orgId, (trx) => trx('workspaces').select());
      expect(await one('workspaces').select()).to.deep.equal([]);
      await withTenant(one, ours.orgId, () => Promise.reject(new Error('no'))).catch(() => null);
      expect(await one('workspaces').select()).to.deep.equal([]);
      expect(await withTenant(one, theirs.orgId, (trx) => trx('workspaces').pluck('org_id'))).to.deep.equal([theirs.orgId]);
    } finally {
      await one.destroy();
    }
  });

  it('the owner of the tables is fenced too; artisan_system is not', async () => {
    const owner = createKnex(database.urls.owner, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
    expect(await owner('workspaces').select()).to.deep.equal([]);
    await owner.destroy();
    expect(await database.system('workspaces').select()).to.have.lengthOf(2);
  });

  /** As withTenant, but with any text where the organization's id should be. */
  function withOrg<T>(text: string, work: (trx: Knex) => Promise<T>): Promise<T> {
    return database.app.transaction(async (trx) => {
      await trx.raw("select set_config('app.org_id', ?, true)", [text]);
      return work(trx);
    });
  }
});

/** A privilege that is not granted is as good as no row. */
function refused(error: Error & { code?: string }): number {
  if (error.code === '42501') return 0;
  throw error;
}

async function sqlState(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => 'no error',
    (error: { code?: string }) => error.code,
  );
}
