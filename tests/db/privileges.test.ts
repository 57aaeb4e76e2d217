import { expect } from 'chai';
import type { Knex } from 'knex';
import { PrivilegeError, assertLeastPrivilege } from '../../db/leastPrivilege.ts';
import { createKnex } from '../../db/knex.ts';
import { useDatabase } from '../support/database.ts';

describe('privileges of the logins', () => {
  const database = useDatabase();

  it('artisan_app passes, artisan_system passes where crossing tenants is meant', async () => {
    await assertLeastPrivilege(database.app);
    await assertLeastPrivilege(database.system, { bypassRls: true });
  });

  it('artisan_system is refused as the ordinary login', async () => {
    expect(await refusal(database.system)).to.match(/"artisan_system" bypasses row level security\./);
  });

  it('a superuser is refused as either', async () => {
    const superuser = open(database.urls.superuser);
    expect(await refusal(superuser)).to.match(/is a superuser, bypasses row level security, can create roles, owns tables/);
    expect(await refusal(superuser, true)).to.match(/is a superuser/);
    await superuser.destroy();
  });

  it('the owner is refused: it could switch the fences off, and become artisan_system', async () => {
    const owner = open(database.urls.owner);
    expect(await refusal(owner)).to.match(/"artisan_owner" bypasses row level security, owns tables/);
    await owner.destroy();
  });

  it('a login that may only turn into a privileged role is refused as well', async () => {
    const superuser = open(database.urls.superuser);
    await superuser.raw("CREATE ROLE test_climber LOGIN PASSWORD 'x' IN ROLE artisan_owner");
    const url = new URL(database.urls.app);
    url.username = 'test_climber';
    url.password = 'x';
    const climber = open(url.href);
    try {
      expect(await refusal(climber)).to.match(/owns tables/);
    } finally {
      await climber.destroy();
      await superuser.raw('DROP ROLE test_climber');
      await superuser.destroy();
    }
  });

  it('neither login can create anything, nor read what belongs to the migrations', async () => {
    for (const knex of [database.app, database.system]) {
      for (const sql of [
        'CREATE TABLE t (id int)',
        'CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1',
        'SELECT * FROM schema_migrations',
      ]) {
        expect(await knex.raw(sql).catch((error: Error & { code?: string }) => error.code), sql).to.equal('42501');
      }
    }
  });
});

function open(url: string): Knex {
  return createKnex(url, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
}

async function refusal(knex: Knex, bypassRls = false): Promise<string> {
  const error = await assertLeastPrivilege(knex, { bypassRls }).catch((thrown: unknown) => thrown);
  expect(error).to.be.instanceOf(PrivilegeError);
  return (error as PrivilegeError).message;
}
