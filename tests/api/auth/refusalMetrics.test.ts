import { expect } from 'chai';
import { useApp } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { createPerson, givePassword, signInMember, withoutFloor } from '../../support/people.ts';

const REFUSED = 'artisan_sign_ins_refused_total';

describe('metrics of refused sign-ins', () => {
  const database = useDatabase();
  const app = useApp(database, { change: withoutFloor });
  const value = async (series: string): Promise<number> => {
    const { text } = await app.request('GET', '/metrics');
    const line = text.split('\n').find((each) => each.startsWith(`${series} `));
    if (line === undefined) throw new Error(`/metrics has no ${series}`);
    return Number(line.split(' ')[1]);
  };
  const of = (reason: string): Promise<number> => value(`${REFUSED}{reason="${reason}"}`);
  const login = (email: string, password: string) => app.request('POST', '/api/v1/auth/login', { body: { email, password } });

  it('every reason is there from the start, at zero, so that the first refusal is an increase', async () => {
    for (const reason of ['password', 'second_factor', 'account_locked', 'network_locked']) expect(await of(reason)).to.equal(0);
    expect(await value('artisan_refresh_tokens_reused_total')).to.equal(0);
  });

  it('a wrong password, and what the lock of the account refuses, count apart; what succeeds does not, and no address is told', async () => {
    const person = await createPerson(database);
    await givePassword(database, person, 'seven quiet herons');
    expect((await login(person.email, 'seven quiet herons')).status).to.equal(200);
    const answers = [];
    for (let n = 0; n < 7; n += 1) answers.push((await login(person.email, 'seven loud herons')).status);
    expect(answers.filter((status) => status === 401)).to.have.length(5);
    expect([await of('password'), await of('account_locked'), await of('network_locked')]).to.deep.equal([5, 2, 0]);
    expect((await app.request('GET', '/metrics')).text).not.to.contain(person.email);
  });

  it('what the lock of a network refuses counts as that', async () => {
    await database
      .system('auth_throttles')
      .where('subject', 'like', 'address:%')
      .update({ count: 100, locked_until: new Date(Date.now() + 60_000) });
    expect((await login('nobody@example.com', 'x'.repeat(12))).status).to.equal(429);
    expect(await of('network_locked')).to.equal(1);
    await database.system('auth_throttles').delete();
  });

  it('a refresh token that is used again later counts once', async () => {
    const { refreshToken, userId } = await signInMember(database, await createOrganization(database));
    const refresh = () => app.request('POST', '/api/v1/auth/refresh', { body: { refresh_token: refreshToken } });
    expect((await refresh()).status).to.equal(200);
    await database
      .system('refresh_tokens')
      .where({ user_id: userId })
      .whereNotNull('used_at')
      .update({ used_at: new Date(Date.now() - 60_000) });
    expect((await refresh()).json.code).to.equal('refresh_token_reused');
    await refresh();
    expect(await value('artisan_refresh_tokens_reused_total')).to.equal(1);
  });
});
