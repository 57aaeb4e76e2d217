import { expect } from 'chai';
import type { Knex } from 'knex';
import { withTenant, withUser } from '../../db/tenancy.ts';
import { newId } from '../../server/ids.ts';
import { useDatabase } from '../support/database.ts';
import { sessionRow, userRows } from './support/userRows.ts';

describe('two people in one database', () => {
  const database = useDatabase();
  const [ours, theirs] = [newId(), newId()];
  before(async () => {
    for (const userId of [ours, theirs]) {
      await withUser(database.app, userId, async (trx) => {
        await trx('users').insert({ id: userId, email: `${userId}@example.com` });
        for (const [table, row] of Object.entries(userRows(userId))) await trx(table).insert(row);
      });
    }
  });

  it('these tests cover every table of a person', async () => {
    const { rows } = await database.system.raw<{ rows: { name: string }[] }>(`
      SELECT c.relname AS name FROM pg_class c JOIN pg_attribute u ON u.attrelid = c.oid AND u.attname = 'user_id' AND u.attnotnull
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND NOT EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attname = 'org_id')`);
    expect(Object.keys(userRows(ours))).to.have.members(rows.map(({ name }) => name));
  });

  for (const table of Object.keys(userRows(ours))) {
    it(`${table}: a person reads the own rows only, and nobody's without saying who`, async () => {
      expect(await withUser(database.app, ours, (trx) => trx(table).distinct('user_id'))).to.deep.equal([{ user_id: ours }]);
      expect(await database.app(table).select()).to.deep.equal([]);
      expect(await withTenant(database.app, newId(), (trx) => trx(table).select())).to.deep.equal([]);
    });

    it(`${table}: a row of another person can be neither written, changed nor removed`, async () => {
      const row = userRows(theirs)[table]!;
      expect(await sqlState(withUser(database.app, ours, (trx) => trx(table).insert(row)))).to.equal('42501');
      const found = (trx: Knex): Knex.QueryBuilder => trx(table).where({ user_id: theirs });
      for (const change of [async (trx: Knex) => found(trx).update({ user_id: ours }), async (trx: Knex) => found(trx).delete()]) {
        expect(await withUser(database.app, ours, change).catch(refused)).to.equal(0);
      }
    });
  }

  it('users: a person changes the own row and no other', async () => {
    expect(await withUser(database.app, ours, (trx) => trx('users').update({ name: 'Ada' }))).to.equal(1);
    expect(await database.system('users').where({ id: theirs }).pluck('name')).to.deep.equal([null]);
    expect(await sqlState(withUser(database.app, ours, (trx) => trx('users').insert({ id: newId(), email: 'x@example.com' })))).to.equal(
      '42501',
    );
  });

  it('organizations_of answers only the person whose transaction it is', async () => {
    const ask = (who: string) => withUser(database.app, ours, (trx) => trx.raw('SELECT * FROM organizations_of(?)', [who]));
    expect(await ask(theirs)).to.have.property('rowCount', 0);
  });

  it('a session is found by its exact id, with what its person may do in an organization: nothing in a stranger’s', async () => {
    const session = sessionRow(ours);
    await withUser(database.app, ours, (trx) => trx('sessions').insert(session));
    const { rows } = await database.app.raw<{ rows: object[] }>('SELECT * FROM find_session(?, ?)', [session.id, newId()]);
    expect(rows).to.have.lengthOf(1);
    expect(rows[0]).to.include({ id: session.id, user_id: ours, membership_id: null, org_id: null });
  });
});

const refused = (error: unknown): number => {
  if ((error as { code?: string }).code === '42501') return 0;
  throw error;
};

async function sqlState(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}
