import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { createBreachCheck } from '../../../services/auth/passwords/breach.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { mailsTo, tokenMailedTo } from '../../support/mails.ts';
import { createPerson, givePassword, joinOrganization, signIn } from '../../support/people.ts';
import type { TestSession } from '../../support/people.ts';

const PASSWORD = 'seven quiet herons';
const OTHER = 'eleven loud magpies';
const STOLEN = 'a password that was stolen';

describe('auth: account, password and sessions', () => {
  const database = useDatabase();
  const asked: string[] = [];
  let answer = (suffix: string): string => `${'0'.repeat(35)}:0\r\n${suffix}:3\r\n`;
  const breaches = createServer((req, res) => {
    asked.push(req.url ?? '');
    res.end(answer(createHash('sha1').update(STOLEN).digest('hex').toUpperCase().slice(5)));
  });
  before('start the list of stolen passwords', () => new Promise<void>((resolve) => void breaches.listen(0, '127.0.0.1', resolve)));
  after('stop it', () => void breaches.close());
  const app = useApp(database, {
    config: { PASSWORD_BREACH_CHECK: 'on' },
    change: ({ auth, logger }) => ({
      auth: {
        ...auth,
        answerFloorMs: 0,
        breaches: createBreachCheck(`http://127.0.0.1:${(breaches.address() as AddressInfo).port}/range/`, logger),
      },
    }),
  });
  let own: TestOrganization;
  let me: TestSession;
  before(async () => {
    own = await createOrganization(database);
  });
  beforeEach(async () => {
    const person = await createPerson(database, { name: 'Ada' });
    await givePassword(database, person, PASSWORD);
    await joinOrganization(database, own, person, ['member']);
    me = await signIn(database, person, own);
  });

  type Method = Parameters<typeof app.request>[0];
  const ask = (method: Method, path: string, body?: unknown, key: string | null = me.accessToken): Promise<TestAnswer> =>
    app.request(method, `/api/v1/auth/${path}`, { ...(key !== null && { key }), ...(body !== undefined && { body }) });
  const open = (path: string, body: unknown): Promise<TestAnswer> => ask('POST', path, body, null);
  const codeOf = ({ status, json }: TestAnswer): unknown[] => [status, json?.code];
  const logIn = (password: string): Promise<TestAnswer> => open('login', { email: me.email, password });
  const actions = (): Promise<string[]> =>
    database
      .system('audit_view')
      .where({ actor_id: typeId('usr', me.userId) })
      .orderBy('entry_id')
      .pluck('action') as Promise<string[]>;

  it('forgot, reset: a new password by the link of the mail, once; every session ends and the owner is told', async () => {
    expect((await open('password/forgot', { email: me.email })).status).to.equal(202);
    const token = await tokenMailedTo(database, me.email);
    expect(codeOf(await open('password/reset', { token, password: 'short' }))).to.deep.equal([422, 'password_refused']);
    expect((await open('password/reset', { token, password: OTHER })).status).to.equal(204);
    expect(codeOf(await open('password/reset', { token, password: PASSWORD }))).to.deep.equal([422, 'invalid_link']);
    expect(codeOf(await ask('GET', 'me'))).to.deep.equal([401, 'session_ended']);
    expect([(await logIn(PASSWORD)).status, (await logIn(OTHER)).status]).to.deep.equal([401, 200]);
    expect((await mailsTo(database, me.email)).map(({ template }) => template)).to.deep.equal(['reset_password', 'password_changed']);
    expect(await actions()).to.include.members(['auth.password.forgot', 'auth.password.reset']);
  });

  it('forgot: says the same for an address without an account, and sends nothing', async () => {
    const [known, unknown] = [
      await open('password/forgot', { email: me.email }),
      await open('password/forgot', { email: 'nobody@example.com' }),
    ];
    expect([unknown.status, unknown.text]).to.deep.equal([known.status, known.text]);
    expect(await mailsTo(database, 'nobody@example.com')).to.deep.equal([]);
  });

  it('reset ends the back-off of wrong guesses, and does not wait for the link of a sign-up', async () => {
    for (let i = 0; i < 5; i += 1) await logIn('a wrong password');
    expect((await logIn(PASSWORD)).status).to.equal(429);
    await open('password/forgot', { email: me.email });
    await open('password/reset', { token: await tokenMailedTo(database, me.email), password: OTHER });
    expect((await logIn(OTHER)).status).to.equal(200);
  });

  it('422: an old link, a link of another purpose, one that is none', async () => {
    await open('password/forgot', { email: me.email });
    const token = await tokenMailedTo(database, me.email);
    await database.system('person_tokens').where({ user_id: me.userId }).update({ expires_at: new Date() });
    for (const each of [token, token.replace('pt_', 'vt_'), 'pt_', 'x']) {
      expect(codeOf(await open('password/reset', { token: each, password: OTHER }))).to.deep.equal([422, 'invalid_link']);
    }
  });

  it('change: needs the current password, ends every other session and every link, and keeps this one', async () => {
    const elsewhere = await signIn(database, me, own);
    await open('password/forgot', { email: me.email });
    const token = await tokenMailedTo(database, me.email);
    const change = (current_password: string, new_password = OTHER) => ask('PUT', 'password', { current_password, new_password });
    expect(codeOf(await change('a wrong password'))).to.deep.equal([403, 'wrong_password']);
    expect(codeOf(await change(PASSWORD, 'password12345'))).to.deep.equal([422, 'password_refused']);
    expect((await change(PASSWORD)).status).to.equal(204);
    expect([(await ask('GET', 'me')).status, (await ask('GET', 'me', undefined, elsewhere.accessToken)).status]).to.deep.equal([200, 401]);
    expect((await open('password/reset', { token, password: PASSWORD })).status).to.equal(422);
    expect([(await logIn(PASSWORD)).status, (await logIn(OTHER)).status]).to.deep.equal([401, 200]);
    expect(await actions()).to.include('auth.password.change');
  });

  it('422: a password of the public list of stolen ones; only five digits of its digest leave the house', async () => {
    asked.length = 0;
    const refused = await open('register', { email: 'new@example.com', password: STOLEN });
    expect([refused.json.code, refused.json.errors[0].message]).to.deep.equal([
      'password_refused',
      'is in a public list of stolen passwords',
    ]);
    expect(asked).to.deep.equal([`/range/${createHash('sha1').update(STOLEN).digest('hex').toUpperCase().slice(0, 5)}`]);
    answer = (suffix) => `${suffix}:0\r\n`;
    expect((await open('register', { email: 'new@example.com', password: STOLEN })).status).to.equal(202);
  });

  it('a list that cannot be reached, or answers nonsense, blocks nobody', async () => {
    expect(await createBreachCheck('http://127.0.0.1:1/range/', app.deps.logger).knows(STOLEN)).to.equal(false);
    answer = () => '<html>';
    expect(await app.deps.auth.breaches.knows(STOLEN)).to.equal(false);
  });

  it('sessions: lists what is live with this one marked, ends one, or all others; another person’s is the masked 404', async () => {
    const [second, third] = [await signIn(database, me, own), await signIn(database, me)];
    const stranger = await signIn(database, await createPerson(database));
    const listed = await ask('GET', 'sessions?limit=2');
    expect(listed.json.data.map(({ id, current }: { id: string; current: boolean }) => [id, current])).to.deep.equal([
      [typeId('ses', third.sessionId), false],
      [typeId('ses', second.sessionId), false],
    ]);
    const rest = await ask('GET', `sessions?limit=2&cursor=${listed.json.next_cursor}`);
    expect(rest.json.data[0]).to.include({ id: typeId('ses', me.sessionId), current: true, organization_id: typeId('org', own.orgId) });
    expect((await ask('DELETE', `sessions/${typeId('ses', stranger.sessionId)}`)).status).to.equal(404);
    expect((await ask('DELETE', `sessions/${typeId('ses', second.sessionId)}`)).status).to.equal(204);
    expect((await ask('GET', 'me', undefined, second.accessToken)).status).to.equal(401);
    expect((await ask('DELETE', 'sessions')).json).to.deep.equal({ ended: 1 });
    expect((await ask('GET', 'me', undefined, third.accessToken)).status).to.equal(401);
    expect((await ask('GET', 'me', undefined, stranger.accessToken)).status).to.equal(200);
    expect(await actions()).to.include.members(['auth.sessions.revoke', 'auth.sessions.revoke_others']);
  });

  it('logout ends the session with its refresh token', async () => {
    expect((await ask('POST', 'logout')).status).to.equal(204);
    expect(codeOf(await ask('GET', 'me'))).to.deep.equal([401, 'session_ended']);
    expect(codeOf(await open('refresh', { refresh_token: me.refreshToken }))).to.deep.equal([401, 'session_ended']);
  });

  it('organization: enters one that the person is in, leaves it, and masks any other', async () => {
    const second = await createOrganization(database);
    await joinOrganization(database, second, me, ['viewer']);
    const enter = (organization_id: string | null) => ask('POST', 'organization', { organization_id });
    const entered = await enter(typeId('org', second.orgId));
    expect(entered.json.organization).to.include({ id: typeId('org', second.orgId), plan: 'enterprise' });
    const there = await ask('GET', 'me', undefined, entered.json.access_token);
    expect([there.json.organization_id, there.json.organizations.length]).to.deep.equal([typeId('org', second.orgId), 2]);
    expect((await enter(null)).json.organization).to.equal(null);
    const stranger = await createOrganization(database);
    expect(codeOf(await enter(typeId('org', stranger.orgId)))).to.deep.equal([404, 'not_found']);
    const [entry] = await database.system('audit_view').where({ org_id: second.orgId, action: 'auth.organization' });
    expect(entry).to.include({ actor_id: typeId('usr', me.userId) });
  });

  it('me: shows the person, and changes the name', async () => {
    expect((await ask('GET', 'me')).json).to.include({ id: typeId('usr', me.userId), email: me.email, name: 'Ada' });
    expect((await ask('PATCH', 'me', { name: 'Ada Lovelace' })).json.name).to.equal('Ada Lovelace');
    expect((await ask('PATCH', 'me', { email: 'other@example.com' })).status).to.equal(400);
    expect((await ask('GET', 'me')).json.name).to.equal('Ada Lovelace');
    expect(await actions()).to.include('auth.me.update');
  });

  it('403: these are for people: an API key is refused, and that is on record', async () => {
    const { key, id } = await createApiKey(database, own);
    expect(codeOf(await ask('GET', 'me', undefined, key))).to.deep.equal([403, 'permission_denied']);
    const [entry] = await database.system('audit_view').where({ action: 'auth.me', actor_id: typeId('key', id) });
    expect(entry).to.include({ outcome: 'denied', reason: 'lacks a session' });
  });

  it('jwks: at the root and below the API, public keys only', async () => {
    for (const path of ['/.well-known/jwks.json', '/api/v1/.well-known/jwks.json']) {
      const { status, headers, json } = await app.request('GET', path);
      expect([status, headers.get('cache-control')]).to.deep.equal([200, 'public, max-age=300']);
      expect(json.keys[0]).to.have.keys('kty', 'crv', 'x', 'kid', 'alg', 'use');
    }
  });
});
