import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { fencedBegin, openedBy } from '../../db/openedBy.ts';
import { withTenant, withUser } from '../../db/tenancy.ts';
import { countWrites } from '../support/countWrites.ts';
import { useDatabase } from '../support/database.ts';

describe('a fenced transaction', () => {
  const database = useDatabase();
  let knex: Knex;
  before(() => (knex = createKnex(database.urls.app, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 })));
  after(() => knex.destroy());

  const settings = async (sender: Knex): Promise<unknown> => {
    const text =
      "SELECT current_setting('app.org_id', true) AS org, current_setting('app.user_id', true) AS person, pg_backend_pid() AS pid";
    const { rows } = await sender.raw<{ rows: [{ org: string | null; person: string | null; pid: number }] }>(text);
    return rows[0];
  };

  it('has its fence in its first statement, and the connection has none afterwards', async () => {
    const [org, person] = [randomUUID(), randomUUID()];
    expect(await withTenant(knex, org, settings)).to.include({ org });
    expect(await withUser(knex, person, settings)).to.include({ person });
    expect(await settings(knex)).to.include({ org: '', person: '' });
  });

  it('leaves in two writes: BEGIN, its fence and the first statement in one, COMMIT in the other', async () => {
    expect(await countWrites(knex, () => withTenant(knex, randomUUID(), settings))).to.equal(2);
  });

  it('that cannot be opened says why, does nothing, and leaves no connection behind in a failed transaction', async () => {
    const before = (await settings(knex)) as { pid: number };
    let ran: unknown = 'not';
    const opening = "BEGIN;SELECT set_config('app.org_id', (1 / (SELECT 0))::text, true)";
    const failure = await openedBy(opening, knex, async (trx) => (ran = await settings(trx))).catch((error: unknown) => error);
    expect(failure).to.have.property('code', '22012');
    expect(ran).to.equal('not');
    for (let n = 0; n < 3; n += 1)
      expect(await withTenant(knex, randomUUID(), settings))
        .to.have.property('pid')
        .not.equal(before.pid);
  });

  it('takes uuids alone, and no place inside another transaction', async () => {
    expect(() => fencedBegin('app.org_id', "x', true); DROP TABLE users; --")).to.throw(TypeError, 'must be a uuid');
    const nested = withTenant(knex, randomUUID(), (trx) => withTenant(trx, randomUUID(), settings));
    expect(await nested.catch((error: unknown) => error)).to.be.instanceOf(TypeError);
  });
});
