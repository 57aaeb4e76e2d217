import { expect } from 'chai';
import { createKnex } from '../../db/knex.ts';
import { useDatabase } from '../support/database.ts';

describe('the database of a test file', () => {
  const answers: string[] = [];
  let url: string;

  describe('while its hooks run', () => {
    const database = useDatabase();
    const ask = async () => void answers.push((await database.app.raw<{ rows: { is: string }[] }>("SELECT 'there' AS is")).rows[0]!.is);
    before(() => void (url = database.urls.app));
    // Registered later, as those are that stop workers: what these have done is not on record yet.
    after(ask);

    it('is there', ask);
  });

  describe('after them', () => {
    it('was there for all of them, and is gone', async () => {
      expect(answers).to.deep.equal(['there', 'there']);
      const knex = createKnex(url, { max: 1, applicationName: 'test', statementTimeoutMs: 5_000 });
      const error: unknown = await knex.raw('SELECT 1').catch((thrown: unknown) => thrown);
      await knex.destroy();
      expect(error).to.have.property('code', '3D000');
    });
  });
});
