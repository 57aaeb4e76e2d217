import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createKnex } from '../../db/knex.ts';
import { examineLogin } from '../../db/examineLogin.ts';
import { PrivilegeError } from '../../db/leastPrivilege.ts';
import { createLogger } from '../../server/logger.ts';
import { useDatabase } from '../support/database.ts';

const logger = createLogger('silent', 'test');
const open = (url: string) => createKnex(url, { max: 1, applicationName: 'test-examination', statementTimeoutMs: 5_000 });

describe('examineLogin', () => {
  const database = useDatabase();

  it('waits while Postgres is away, and ends when the process stops', async () => {
    const knex = open('postgres://artisan_app:x@127.0.0.1:1/artisan');
    const stopping = new AbortController();
    let ended = false;
    const examination = examineLogin(knex, { logger, stop: stopping.signal }).then(() => (ended = true));
    await sleep(1_500);
    expect(ended).to.equal(false);
    stopping.abort();
    await examination;
    await knex.destroy();
  });

  it('throws for a login that may do too much instead of asking again', async () => {
    const superuser = open(database.urls.superuser);
    const fault = await examineLogin(superuser, { logger, stop: new AbortController().signal }).catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(PrivilegeError);
    await superuser.destroy();
  });
});
