import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { forgetUnverified } from '../../../services/auth/forgetUnverified.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { mailsTo, tokenMailedTo } from '../../support/mails.ts';
import { createPerson, joinOrganization, withoutFloor } from '../../support/people.ts';

const PASSWORD = 'seven quiet herons';
const OTHER = 'eleven loud magpies';

describe('auth.register, auth.verify_email', () => {
  const database = useDatabase();
  const app = useApp(database, { change: withoutFloor });
  const post = (path: string, body: unknown): Promise<TestAnswer> => app.request('POST', `/api/v1/auth/${path}`, { body });
  const somebody = (): string => `somebody-${randomUUID()}@example.com`;
  const confirm = (token: string, password = PASSWORD): Promise<TestAnswer> => post('verify-email', { token, password });
  const logIn = (email: string, password = PASSWORD): Promise<TestAnswer> => post('login', { email, password });

  it('202, 200: an account can be used when its address is confirmed, and not before; the link works once', async () => {
    const email = somebody();
    const accepted = await post('register', { email: ` ${email.toUpperCase()} `, password: PASSWORD, name: 'Ada' });
    expect([accepted.status, accepted.json]).to.deep.equal([202, { status: 'accepted' }]);
    expect((await logIn(email)).json.code).to.equal('invalid_credentials');
    const token = await tokenMailedTo(database, email);
    expect((await confirm(token)).json).to.deep.equal({ status: 'verified' });
    expect((await confirm(token)).json.code).to.equal('invalid_link');
    const { status, json } = await logIn(email);
    expect([status, json.status, json.user.email, json.user.name, json.organization_id]).to.deep.equal([
      200,
      'signed_in',
      email,
      'Ada',
      null,
    ]);
  });

  it('a link for the mail is behind a #, and the mail is sealed at rest', async () => {
    const email = somebody();
    await post('register', { email, password: PASSWORD });
    const [mail] = await mailsTo(database, email);
    const token = await tokenMailedTo(database, email);
    expect(mail!.text).to.contain(`/auth/verify-email#token=${token}`);
    const dump = JSON.stringify(await database.system('mails')) + JSON.stringify(await database.system('person_tokens'));
    expect(dump).not.to.contain(token);
    expect(dump).not.to.contain(PASSWORD);
  });

  it('202: says the same for an address that has an account, whose owner is told by mail; nothing of the account changes', async () => {
    const { email, userId } = await createPerson(database);
    const known = await post('register', { email, password: OTHER, name: 'Mallory' });
    const unknown = await post('register', { email: somebody(), password: OTHER });
    expect([known.status, known.text]).to.deep.equal([unknown.status, unknown.text]);
    expect((await mailsTo(database, email)).map(({ template }) => template)).to.deep.equal(['account_exists']);
    expect(await database.system('passwords').where({ user_id: userId })).to.deep.equal([]);
    expect(await database.system('users').where({ id: userId }).pluck('name')).to.deep.equal([null]);
  });

  it('nobody prepares an account for somebody else: the password is that of the sign-up whose link is followed', async () => {
    const email = somebody();
    await post('register', { email, password: OTHER, name: 'Mallory' });
    const malicious = await tokenMailedTo(database, email);
    await post('register', { email, password: PASSWORD, name: 'Ada' });
    await confirm(await tokenMailedTo(database, email));
    expect((await confirm(malicious, OTHER)).json.code).to.equal('invalid_link');
    expect((await logIn(email, OTHER)).status).to.equal(401);
    expect((await logIn(email)).json.user.name).to.equal('Ada');
  });

  it('403, 429: a link alone makes no account: its reader needs the password of the sign-up, and cannot guess at it for long', async () => {
    const email = somebody();
    await post('register', { email, password: OTHER, name: 'Mallory' });
    const token = await tokenMailedTo(database, email);
    for (let i = 0; i < 5; i += 1) {
      const { status, json } = await confirm(token);
      expect([status, json.code]).to.deep.equal([403, 'wrong_password']);
    }
    expect((await confirm(token, OTHER)).json.code).to.equal('too_many_attempts');
    expect(await database.system('users').where({ email }).pluck('email_verified_at')).to.deep.equal([null]);
    await post('register', { email, password: PASSWORD });
    expect((await confirm(await tokenMailedTo(database, email))).status).to.equal(200);
    expect((await logIn(email, OTHER)).status).to.equal(401);
  });

  it('two sign-ups with one new address at the same moment make one account', async () => {
    const email = somebody();
    const answers = await Promise.all([1, 2, 3].map(() => post('register', { email, password: PASSWORD })));
    expect(answers.map(({ status }) => status)).to.deep.equal([202, 202, 202]);
    expect(await database.system('users').where({ email })).to.have.length(1);
  });

  it('an owner that the command line made sets a password by signing up, and is in the organization at once', async () => {
    const email = somebody();
    const { orgId } = await createOrganization(database, { ownerEmail: email });
    await post('register', { email, password: PASSWORD });
    await confirm(await tokenMailedTo(database, email));
    const { json } = await logIn(email);
    const me = await app.request('GET', '/api/v1/auth/me', { key: json.access_token });
    expect(me.json.organizations).to.have.length(1);
    expect(json.organization_id).to.equal(me.json.organizations[0].id);
    const actions: string[] = await database.system('audit_view').where({ org_id: orgId }).pluck('action');
    expect(actions).to.include.members(['auth.register', 'auth.verify_email', 'auth.login']);
  });

  it('400: names what is no address, and an unknown field', async () => {
    const answer = await post('register', { email: 'ada@localhost', password: PASSWORD, admin: true });
    expect(answer.status).to.equal(400);
    expect(answer.json.errors.map(({ location }: { location: string }) => location)).to.have.members(['body.email', 'body.admin']);
  });

  const refused: [string, string][] = [
    ['eleven char', 'fewer than 12'],
    ['x'.repeat(129), 'more than 128'],
    ['aaaaaaaaaaaaaa', 'try first'],
    ['abcdefghijklmn', 'try first'],
    ['Password123456', 'try first'],
    ['SOMEBODY.AT.HOME', 'resembles'],
    ['somebody.at.home!1', 'resembles'],
    ['somebody.at.home@example.com', 'resembles'],
  ];
  for (const [password, reason] of refused) {
    it(`422: the password ${password.slice(0, 30)} ${reason}`, async () => {
      const { status, json } = await post('register', { email: 'somebody.at.home@example.com', password });
      expect([status, json.code, json.errors[0].location]).to.deep.equal([422, 'password_refused', 'body.password']);
      expect(json.errors[0].message).to.contain(reason);
    });
  }

  it('a password is the same however its characters are composed', async () => {
    const email = somebody();
    await post('register', { email, password: 'caf\u00e9 au lait noir' });
    await confirm(await tokenMailedTo(database, email), 'caf\u00e9 au lait noir');
    expect((await logIn(email, 'cafe\u0301 au lait noir')).status).to.equal(200);
  });

  it('who never followed the link is forgotten after two weeks; a member, and who has a link, is not', async () => {
    const [stranger, waiting] = [somebody(), somebody()];
    const invited = await createPerson(database, { verified: false });
    await joinOrganization(database, await createOrganization(database), invited);
    for (const email of [stranger, waiting]) await post('register', { email, password: PASSWORD });
    const forget = () => database.system.transaction((trx) => forgetUnverified(trx, { now: new Date(), limit: 1_000 }));
    const idOf = async (email: string): Promise<string[]> => database.system('users').where({ email }).pluck('id');
    await database
      .system('person_tokens')
      .whereIn('user_id', await idOf(stranger))
      .delete();
    await forget();
    expect(await idOf(stranger)).to.have.length(1);
    await database.system('users').update({ created_at: new Date(Date.now() - 15 * 86_400_000) });
    await forget();
    expect(await idOf(stranger)).to.deep.equal([]);
    for (const email of [waiting, invited.email]) expect(await idOf(email)).to.have.length(1);
  });

  it('429 to nobody: a mailbox gets five mails an hour, and who asks for more is answered as before', async () => {
    const email = somebody();
    for (let i = 0; i < 6; i += 1) expect((await post('register', { email, password: PASSWORD })).status).to.equal(202);
    expect(await mailsTo(database, email)).to.have.length(5);
  });
});
