import { expect } from 'chai';
import type { Knex } from 'knex';
import { erasedTables, KEPT_TABLES } from '../../../db/queries/erasedTables.ts';
import { withTenant } from '../../../db/tenancy.ts';
import { systemClock } from '../../../server/clock.ts';
import { typeId } from '../../../server/ids.ts';
import { createSubjectKeys } from '../../../services/audit/subjectKeys.ts';
import type { Actor } from '../../../services/context.ts';
import { createVault } from '../../../services/crypto/vault.ts';
import { eraseRows, leaveTombstone } from '../../../services/organizations/deletion/erase.ts';
import { plantTenant, tenantRows } from '../../db/support/tenantRows.ts';
import type { TenantIds } from '../../db/support/tenantRows.ts';
import { dumpOf } from '../../support/dump.ts';
import { useDatabase } from '../../support/database.ts';
import { useSuperuser } from '../../support/oldHistory.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';

describe('organizations: erasure', function () {
  this.timeout(20_000);
  const database = useDatabase();
  const superuser = useSuperuser(database);
  const deps = { clock: systemClock, subjectKeys: createSubjectKeys(createVault(TEST_SECRETS.ENCRYPTION_KEYS)) };
  const actorOf = (orgId: string): Actor => ({
    type: 'workflow',
    id: orgId,
    name: 'organizationDeletion',
    orgId,
    workspaceId: null,
    permissions: new Set(),
    ip: null,
    userAgent: null,
    requestId: null,
    workflowId: null,
  });
  const begin = (orgId: string) =>
    superuser
      .knex('organizations')
      .where({ id: orgId })
      .update({ deleted_at: new Date(), deletion_due_at: new Date(), erasure_started_at: new Date() });
  const inTenant = <T>(orgId: string, work: (trx: Knex.Transaction) => Promise<T>) => withTenant(database.system, orgId, work);
  const counts = async (orgId: string, tables: readonly string[]): Promise<Record<string, number>> => {
    const found: [string, number][] = [];
    for (const table of tables) {
      const [row] = await superuser
        .knex(table)
        .where({ [table === 'organizations' ? 'id' : 'org_id']: orgId })
        .count<{ count: string }[]>('*');
      found.push([table, Number(row!.count)]);
    }
    return Object.fromEntries(found.filter(([, count]) => count > 0));
  };

  it('every tenant table is either erased or kept on purpose', async () => {
    const all = Object.keys(tenantRows(await plantTenant(superuser.knex)));
    expect([...(await erasedTables(database.system)), ...KEPT_TABLES]).to.have.members(all);
  });

  it('erases every row of one organization, in an order that no reference forbids, and none of another', async () => {
    const [ours, theirs] = [await plantTenant(superuser.knex), await plantTenant(superuser.knex)];
    const tables = await erasedTables(database.system);
    await begin(ours.orgId);
    for (const table of tables) await inTenant(ours.orgId, (trx) => eraseRows(trx, table, 1_000));
    expect(Object.keys(await counts(ours.orgId, [...tables, ...KEPT_TABLES]))).to.have.members(KEPT_TABLES);
    expect(Object.keys(await counts(theirs.orgId, tables))).to.have.members(tables);
  });

  it('takes batches that end, so that a lost run goes on where it was', async () => {
    const { orgId } = await plantTenant(superuser.knex);
    await superuser.knex.raw(
      `INSERT INTO outbox (org_id, id, topic, subject_id) SELECT ?, gen_random_uuid(), ?, gen_random_uuid() FROM generate_series(1, 25)`,
      [orgId, 'test'],
    );
    await begin(orgId);
    const removed: number[] = [];
    do removed.push(await inTenant(orgId, (trx) => eraseRows(trx, 'outbox', 10)));
    while (removed.at(-1) !== 0);
    expect(removed).to.deep.equal([10, 10, 6, 0]);
  });

  it('refuses an organization that is not being erased, tables that are kept, partitions, and no organization at all', async () => {
    const living = await plantTenant(superuser.knex);
    expect(await refusal(inTenant(living.orgId, (trx) => eraseRows(trx, 'outbox', 10)))).to.contain('not being erased');
    const { orgId } = await plantTenant(superuser.knex);
    await begin(orgId);
    for (const table of [...KEPT_TABLES, 'users', 'mails', 'events_default', 'pg_class', 'schema_migrations']) {
      expect(await refusal(inTenant(orgId, (trx) => eraseRows(trx, table, 10))), table).to.contain('is no table that is erased');
    }
    expect(await refusal(database.system.transaction((trx) => eraseRows(trx, 'outbox', 10)))).to.contain('of one organization');
    expect(await refusal(withTenant(database.app, orgId, (trx) => eraseRows(trx, 'outbox', 10)))).to.contain('permission denied');
  });

  it('the tombstone keeps the id, the short names and the evidence; nothing that anybody wrote is left in the database', async () => {
    const ids: TenantIds = await plantTenant(superuser.knex);
    await superuser
      .knex('organizations')
      .where({ id: ids.orgId })
      .update({ name: 'Very Secret Company', slug: 'very-secret', settings: { logo_url: 'https://very.secret' } });
    await begin(ids.orgId);
    const tables = await erasedTables(database.system);
    for (const table of tables) await inTenant(ids.orgId, (trx) => eraseRows(trx, table, 1_000));
    const leaves = (await counts(ids.orgId, ['audit_leaf']))['audit_leaf']!;
    for (const _again of [1, 2]) await inTenant(ids.orgId, (trx) => leaveTombstone(trx, actorOf(ids.orgId), tables, deps));
    const [row] = await superuser.knex('organizations').where({ id: ids.orgId });
    expect(row).to.deep.include({
      name: 'Erased organization',
      slug: `erased-${typeId('org', ids.orgId).slice(4)}`,
      settings: {},
      founded_by: null,
      deletion_next_at: null,
    });
    expect(await counts(ids.orgId, [...tables, ...KEPT_TABLES])).to.deep.equal({
      organizations: 1,
      organization_slugs: 1,
      audit_leaf: leaves + 1,
      audit_body: leaves + 1,
    });
    const dump = await dumpOf(superuser.knex);
    for (const secret of ['Very Secret', 'very-secret', 'very.secret']) expect(dump).not.to.contain(secret);
  });
});

const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no refusal',
    (error: Error) => error.message,
  );
