import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { withTenant } from '../../db/tenancy.ts';
import { useDatabase } from '../support/database.ts';
import { plantTenant } from './support/tenantRows.ts';
import type { TenantIds } from './support/tenantRows.ts';

const TABLES = { audit_leaf: 'class', audit_body: 'leaf_data', delivery_attempts: 'error_code' };

describe('append-only tables', () => {
  const database = useDatabase();
  let superuser: Knex;
  let tenant: TenantIds;
  before(async () => {
    superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
    tenant = await plantTenant(superuser);
  });
  after(() => superuser.destroy());

  for (const [table, column] of Object.entries(TABLES)) {
    const partition = `(SELECT tableoid::regclass FROM ${table} LIMIT 1)`;
    const changes = (of: string): string[] => [
      `UPDATE ${of} SET ${column} = ${column}`,
      `UPDATE ${of} SET org_id = org_id`,
      `DELETE FROM ${of}`,
      `TRUNCATE ${of}`,
    ];

    it(`${table}: the application has no way to change, remove or empty it`, async () => {
      for (const change of changes(table)) {
        expect(await codeOf(withTenant(database.app, tenant.orgId, (trx) => trx.raw(change))), change).to.equal('42501');
        expect(await codeOf(database.system.raw(change)), change).to.equal('42501');
      }
    });

    it(`${table}: even a superuser in replica mode meets the triggers, on the table and on its partition`, async () => {
      const { rows } = await superuser.raw<{ rows: { name: string }[] }>(`SELECT ${partition}::text AS name`);
      for (const change of [...changes(table), ...changes(rows[0]!.name)]) {
        const attempt = superuser.transaction(async (trx) => {
          await trx.raw('SET LOCAL session_replication_role = replica');
          await trx.raw(change);
        });
        expect(await codeOf(attempt), change).to.equal('42501');
      }
      expect(await superuser(table)).to.have.lengthOf(1);
    });
  }
});

async function codeOf(work: PromiseLike<unknown>): Promise<string | undefined> {
  return work.then(
    () => 'no error',
    (error: Error & { code?: string }) => error.code,
  ) as Promise<string | undefined>;
}
