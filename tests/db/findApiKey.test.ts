import { once } from 'node:events';
import { expect } from 'chai';
import pg from 'pg';
import { createKnex } from '../../db/knex.ts';
import { withTenant } from '../../db/tenancy.ts';
import { useDatabase } from '../support/database.ts';
import { createOrganization } from '../support/factories.ts';
import type { TestOrganization } from '../support/factories.ts';

describe('find_api_key', () => {
  const database = useDatabase();
  let organization: TestOrganization;
  before(async () => (organization = await createOrganization(database, { plan: 'starter' })));

  it('finds one key by its exact public id before the organization is known, with the plan and whether it was deleted', async () => {
    const found = await find(organization.keyId);
    expect(found).to.have.lengthOf(1);
    expect(found[0]).to.include({ org_id: organization.orgId, key_id: organization.keyId, org_plan: 'starter', org_deleted: false });
    expect(found[0]!['digest']).to.be.instanceOf(Buffer);
  });

  it('has no pattern, no list and no null', async () => {
    for (const text of ['%', '', `${organization.keyId}%`, null]) expect(await find(text)).to.deep.equal([]);
  });

  it('says when the organization was deleted', async () => {
    const deleted = await createOrganization(database);
    await database.system('organizations').where('id', deleted.orgId).update({ deleted_at: new Date() });
    expect((await find(deleted.keyId))[0]).to.include({ org_deleted: true });
  });

  it('a table of the same name in a temporary schema is not taken for the real one', async () => {
    const superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
    try {
      await superuser.raw('CREATE TEMP TABLE api_keys AS SELECT * FROM public.api_keys WITH NO DATA');
      const { rows } = await superuser.raw<{ rows: object[] }>('SELECT * FROM find_api_key(?)', [organization.keyId]);
      expect(rows).to.have.lengthOf(1);
    } finally {
      await superuser.destroy();
    }
  });

  it('a change of a key is announced with its public id, so that caches can forget it', async () => {
    const listener = new pg.Client({ connectionString: database.urls.app });
    await listener.connect();
    await listener.query('LISTEN api_key_changed');
    const heard = once(listener, 'notification');
    await withTenant(database.app, organization.orgId, (trx) =>
      trx('api_keys').where('key_id', organization.keyId).update({ revoked_at: new Date() }),
    );
    expect((await heard)[0].payload).to.equal(organization.keyId);
    await listener.end();
  });

  async function find(keyId: string | null): Promise<Record<string, unknown>[]> {
    const { rows } = await database.app.raw<{ rows: Record<string, unknown>[] }>('SELECT * FROM find_api_key(?)', [keyId]);
    return rows;
  }
});
