import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { addTotp } from '../../support/factors.ts';
import { waitingMails } from '../../support/mailbox.ts';
import { createPerson, givePassword } from '../../support/people.ts';

const PASSWORD = 'seven quiet herons';
const OTHER = 'eleven loud magpies';
/** Far above what any answer takes by itself. */
const FLOOR_MS = 1_000;

describe('pages of accounts: who guesses at them', () => {
  const database = useDatabase();
  const app = useApp(database, { change: ({ auth }) => ({ auth: { ...auth, answerFloorMs: FLOOR_MS } }) });
  const post = (path: string, fields: Record<string, string>): Promise<TestAnswer> =>
    app.request('POST', path, {
      raw: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const somebody = (): string => `somebody-${randomUUID()}@example.com`;
  const withPassword = async () => {
    const person = await createPerson(database);
    await givePassword(database, person, PASSWORD);
    return person;
  };
  /** By reason, as Prometheus reads it. */
  const refused = async (): Promise<number[]> => {
    const { text } = await app.request('GET', '/metrics');
    return ['password', 'second_factor', 'account_locked'].map((reason) =>
      Number(new RegExp(`^artisan_sign_ins_refused_total\\{reason="${reason}"\\} (\\d+)$`, 'm').exec(text)![1]),
    );
  };
  /** The path of the link in an invitation's mail. */
  const invite = async (email: string): Promise<string> => {
    const { orgId, key } = await createOrganization(database);
    const body = { email, roles: [{ role: 'member' }] };
    await app.request('POST', `/api/v1/organizations/${typeId('org', orgId)}/invite`, { key, body });
    const [mail] = await waitingMails(database, email);
    return new URL(/https?:\S+ivt_\S+/.exec(mail!.text)![0]).pathname;
  };

  it('no page tells by its time whether an address has an account', async () => {
    const { email } = await withPassword();
    const invitation = await invite(somebody());
    const timed = async (path: string, fields: Record<string, string>): Promise<[number, number]> => {
      const since = performance.now();
      const { status } = await post(path, fields);
      return [status, performance.now() - since];
    };
    for (const address of [email, somebody()]) {
      const answers = await Promise.all([
        timed(invitation, { email: address, password: OTHER }),
        timed('/auth/register', { email: address, password: OTHER }),
        timed('/auth/password/forgot', { email: address }),
      ]);
      expect(answers.map(([status]) => status)).to.deep.equal([401, 200, 200]);
      // Timers of Node.js may fire a millisecond early.
      for (const [, ms] of answers) expect(ms).to.be.at.least(FLOOR_MS - 2);
    }
  });

  it('what is refused at a page counts as at the API: wrong passwords, wrong codes, locks; a code that was left out does not', async () => {
    const person = await withPassword();
    await addTotp(database, person);
    const path = await invite(person.email);
    const right = { email: person.email, password: PASSWORD };
    const before = await refused();
    expect((await post(path, right)).text).to.contain('give a code too');
    expect(await refused()).to.deep.equal(before);
    expect((await post(path, { ...right, code: '000000' })).status).to.equal(403);
    const wrong = await Promise.all(Array.from({ length: 7 }, () => post(path, { ...right, password: OTHER })));
    expect(wrong.map(({ status }) => status).sort()).to.deep.equal([401, 401, 401, 401, 401, 429, 429]);
    const [password, secondFactor, locked] = await refused();
    expect([password! - before[0]!, secondFactor! - before[1]!, locked! - before[2]!]).to.deep.equal([5, 1, 2]);
  });
});
