import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
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
});
