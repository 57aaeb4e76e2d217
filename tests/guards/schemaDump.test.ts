import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { dumpSchema } from '../../db/dumpSchema.ts';
import { UNIQUE_CONSTRAINTS } from '../../db/errors.ts';
import { createKnex } from '../../db/knex.ts';
import { useDatabase } from '../support/database.ts';

describe('guard: db/schema.sql', () => {
  const database = useDatabase();
  let owner: Knex;
  before(() => (owner = createKnex(database.urls.owner, { max: 1, applicationName: 'guard', statementTimeoutMs: 20_000 })));
  after(() => owner.destroy());

  it('is what the migrations make; when not: npm run db:schema', async () => {
    const committed = await readFile(new URL('../../db/schema.sql', import.meta.url), 'utf8');
    expect(await dumpSchema(owner)).to.equal(committed);
  });

  it('shows a change of a fence, a grant, a trigger or a function', async () => {
    const before = await dumpSchema(owner);
    for (const sql of [
      'ALTER TABLE events NO FORCE ROW LEVEL SECURITY',
      'GRANT DELETE ON deliveries TO artisan_app',
      'ALTER TABLE audit_leaf ENABLE TRIGGER refuse_change',
      'GRANT EXECUTE ON FUNCTION ensure_partitions TO PUBLIC',
      'ALTER TABLE workspaces ALTER name DROP NOT NULL',
      'GRANT CREATE ON SCHEMA public TO artisan_app',
    ]) {
      const trx = await owner.transaction();
      await trx.raw(sql);
      const after = await dumpSchema(trx);
      await trx.rollback();
      expect(after, sql).to.not.equal(before);
    }
  });

  it('has every constraint that db/errors.ts knows by name', async () => {
    const { rows } = await owner.raw<{ rows: { conname: string }[] }>(
      "SELECT relname AS conname FROM pg_class WHERE relkind IN ('i', 'I') AND relname = ANY (?)",
      [Object.keys(UNIQUE_CONSTRAINTS)],
    );
    expect(rows.map(({ conname }) => conname)).to.have.members(Object.keys(UNIQUE_CONSTRAINTS));
  });
});
