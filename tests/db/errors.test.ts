import { expect } from 'chai';
import { toAppError } from '../../db/errors.ts';
import { User } from '../../db/models/User.ts';
import { newId } from '../../server/ids.ts';
import { AppError } from '../../services/errors/AppError.ts';
import { useDatabase } from '../support/database.ts';

describe('toAppError', () => {
  const database = useDatabase();

  for (const [state, meaning] of [
    ['08006', 'connection failure'],
    ['25006', 'a standby answered'],
    ['40001', 'serialization failure'],
    ['40P01', 'deadlock'],
    ['53100', 'disk full'],
    ['53300', 'too many connections'],
    ['55P03', 'lock timeout'],
    ['57014', 'statement timeout'],
    ['57P01', 'administrator shutdown'],
    ['57P03', 'starting up'],
  ]) {
    it(`${state} (${meaning}) is service_unavailable with Retry-After`, async () => {
      const mapped = toAppError(await thrown(database.app.raw(`DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '${state}'; END $$`)));
      expect(mapped).to.be.instanceOf(AppError).and.include({ code: 'service_unavailable', status: 503 });
      expect((mapped as AppError).retryAfterSeconds).to.be.within(1, 5);
    });
  }

  it('a duplicate is a conflict that says with what, whether knex or Objection met it, and tells no value', async () => {
    const row = { id: newId(), email: 'twice@example.com' };
    await database.system('users').insert(row);
    for (const attempt of [
      database.system('users').insert({ ...row, id: newId() }),
      User.query(database.system).insert({ ...row, id: newId() }),
    ]) {
      const mapped = toAppError(await thrown(attempt)) as AppError;
      expect(mapped).to.be.instanceOf(AppError).and.include({ code: 'conflict', detail: 'Another user has this e-mail address.' });
    }
  });

  it('a fault of ours comes back as it was: it is not the caller who can mend it', async () => {
    for (const sql of ['SELECT * FROM nowhere', 'SELECT 1/0', "INSERT INTO users (id, email) VALUES (NULL, 'a@example.com')"]) {
      const error = await thrown(database.system.raw(sql));
      expect(toAppError(error), sql).to.equal(error);
    }
    const primaryKey = { id: newId(), email: 'first@example.com' };
    await database.system('users').insert(primaryKey);
    const error = await thrown(database.system('users').insert({ ...primaryKey, email: 'second@example.com' }));
    expect(toAppError(error)).to.equal(error);
  });

  it('what is an AppError already, or no error at all, is left alone', () => {
    for (const value of [new AppError('not_found'), 'text', undefined]) expect(toAppError(value)).to.equal(value);
  });

  it('the text of a statement never decides', async () => {
    const error = await thrown(database.app.raw("SELECT 'Connection terminated' FROM nowhere"));
    expect(toAppError(error)).to.equal(error);
  });
});

async function thrown(work: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(work).then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error,
  );
}
