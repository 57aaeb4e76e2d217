import { expect } from 'chai';
import type { Knex } from 'knex';
import { dumpSchema } from '../../db/dumpSchema.ts';
import { createKnex } from '../../db/knex.ts';
import { migrate } from '../../db/migrate.ts';
import { createRoles } from '../../db/roles.ts';
import { useDatabase } from '../support/database.ts';

describe('migrate', () => {
  const database = useDatabase();
  let superuser: Knex;
  before(() => (superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 })));
  after(() => superuser.destroy());

  it('repeated, it changes nothing', async () => {
    const schema = await dumpSchema(superuser);
    await migrate(database.urls.owner);
    expect(await dumpSchema(superuser)).to.equal(schema);
  });

  it('of several processes that start on an empty database at once, each finds it migrated', async () => {
    const name = await emptyDatabase();
    const url = new URL(database.urls.owner);
    url.pathname = `/${name}`;
    await Promise.all([migrate(url.href), migrate(url.href), migrate(url.href)]);
    const made = createKnex(url.href, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
    expect(await dumpSchema(made)).to.equal(await dumpSchema(superuser));
    await made.destroy();
    await superuser.raw('DROP DATABASE ?? WITH (FORCE)', [name]);
  });

  it('a lock that a killed process left behind does not stop the next start', async () => {
    await superuser('schema_migrations_lock').update({ is_locked: 1 });
    await migrate(database.urls.owner);
  });

  it('roles can be made again, and a password that is not given stays', async () => {
    const { rows } = await superuser.raw<{ rows: { name: string }[] }>('SELECT current_database() AS name');
    await createRoles(superuser, { owner: 'test-owner', app: '', system: 'test-system' }, rows[0]!.name);
    await database.app.raw('SELECT 1');
  });

  async function emptyDatabase(): Promise<string> {
    const name = `artisan_test_empty_${process.pid}`;
    await superuser.raw('CREATE DATABASE ?? OWNER artisan_owner', [name]);
    return name;
  }
});
