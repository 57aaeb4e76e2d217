import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { useDatabase } from '../support/database.ts';
import { findBypassFaults, findFenceFaults } from './support/fenceFaults.ts';

describe('guard: tenant tables', () => {
  const database = useDatabase();
  let owner: Knex;
  before(() => (owner = createKnex(database.urls.owner, { max: 1, applicationName: 'guard', statementTimeoutMs: 20_000 })));
  after(() => owner.destroy());

  it('every table has its fences, or an exception with a reason that still applies', async () => {
    expect(await findFenceFaults(owner)).to.deep.equal([]);
  });

  it('no function or view reaches around the fences', async () => {
    expect(await findBypassFaults(owner)).to.deep.equal([]);
  });

  describe('names what is wrong with', () => {
    const cases: [string, string, string[]][] = [
      [
        'a table without an organization',
        'CREATE TABLE bad (id uuid PRIMARY KEY)',
        ['has no org_id', 'row level security is not enabled and forced'],
      ],
      [
        'a table that nobody fenced',
        'CREATE TABLE bad (org_id uuid, id uuid)',
        [
          'org_id may be null',
          'row level security is not enabled and forced',
          'has 0 policies, of which 0 fence USING and WITH CHECK to the organization',
          'has no primary key that begins with org_id',
          '(org_id, id) is not unique',
        ],
      ],
      [
        'a fence that the owner steps over',
        `${fenced('bad')} ALTER TABLE bad NO FORCE ROW LEVEL SECURITY`,
        ['row level security is not enabled and forced'],
      ],
      [
        'a second policy that widens the first',
        `${fenced('bad')} CREATE POLICY wide ON bad USING (true)`,
        ['has 2 policies, of which 1 fence USING and WITH CHECK to the organization'],
      ],
      [
        'a policy that lets rows be written for others',
        `${fenced('bad')} ALTER POLICY tenant ON bad WITH CHECK (true)`,
        ['has 1 policies, of which 0 fence USING and WITH CHECK to the organization'],
      ],
      [
        'a foreign key that leaves the organization out',
        `CREATE UNIQUE INDEX leaky ON workspaces (id); ${fenced('bad', 'workspace_id uuid REFERENCES workspaces (id),')}`,
        ['bad_workspace_id_fkey points at workspaces without org_id'],
      ],
      [
        'a unique value that tells about other organizations',
        fenced('bad', 'name text UNIQUE,'),
        ['bad_name_key is unique across organizations'],
      ],
      [
        'TRUNCATE in the hands of the application',
        `${fenced('bad')} GRANT TRUNCATE ON bad TO artisan_app`,
        ['TRUNCATE is granted to artisan_app'],
      ],
      ['a table open to everybody', `${fenced('bad')} GRANT SELECT ON bad TO PUBLIC`, ['SELECT is granted to PUBLIC']],
      [
        'a column with privileges of its own',
        `${fenced('bad')} GRANT UPDATE (id) ON bad TO artisan_app`,
        ['has privileges of its own on column id'],
      ],
    ];
    for (const [what, sql, details] of cases) {
      it(what, async () => {
        const faults = await faultsAfter(sql, findFenceFaults);
        expect(faults.filter((fault) => fault.startsWith('bad: ')).map((fault) => fault.replace(/^bad: | \[\w+\]$/g, ''))).to.deep.equal(
          details,
        );
      });
    }

    it('an append-only log whose partition lost a trigger, or only has it switched on for ordinary sessions', async () => {
      const sql = 'DROP TRIGGER refuse_truncate ON audit_leaf_default; ALTER TABLE audit_leaf_default ENABLE TRIGGER refuse_change';
      expect(await faultsAfter(sql, findFenceFaults)).to.deep.equal([
        'audit_leaf_default: lacks a trigger that always refuses UPDATE and DELETE [append_only_triggers]',
        'audit_leaf_default: lacks a trigger that always refuses TRUNCATE [append_only_triggers]',
      ]);
    });

    it('an append-only log that may be updated', async () => {
      expect(await faultsAfter('GRANT UPDATE ON audit_body TO artisan_app', findFenceFaults)).to.deep.equal([
        'audit_body: UPDATE is granted to artisan_app [append_only_grants]',
      ]);
    });

    it('a view that shows every organization', async () => {
      expect(await faultsAfter('CREATE VIEW leaky AS SELECT * FROM workspaces', findBypassFaults)).to.have.lengthOf(1);
    });

    it('a function that runs as its owner, for everybody, with the search path of the caller', async () => {
      const sql = `CREATE FUNCTION leaky() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; GRANT EXECUTE ON FUNCTION leaky() TO PUBLIC`;
      expect(await faultsAfter(sql, findBypassFaults)).to.have.lengthOf(3);
    });
  });

  /** In a transaction that is rolled back, so one bad table does not meet the next. */
  async function faultsAfter(sql: string, find: (knex: Knex) => Promise<string[]>): Promise<string[]> {
    const trx = await owner.transaction();
    try {
      await trx.raw(sql);
      return await find(trx);
    } finally {
      await trx.rollback();
    }
  }
});

function fenced(name: string, column = ''): string {
  return `CREATE TABLE ${name} (org_id uuid, id uuid, ${column} PRIMARY KEY (org_id, id)); SELECT fence_tenant_table('${name}');`;
}
