import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { codeOf } from '../../support/authenticatorApp.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { addTotp } from '../../support/factors.ts';
import { waitingMails } from '../../support/mailbox.ts';
import { mailsTo, tokenMailedTo } from '../../support/mails.ts';
import { createPerson, givePassword, signIn, withoutFloor } from '../../support/people.ts';

const PASSWORD = 'seven quiet herons';
const OTHER = 'eleven loud magpies';
const PAGES = ['/auth/register', '/auth/verify-email', '/auth/password/forgot', '/auth/password/reset', '/auth/email', '/auth/login'];

describe('pages of accounts: where links in mails lead without a user interface', () => {
  const database = useDatabase();
  const app = useApp(database, { change: withoutFloor });
  const get = (path: string): Promise<TestAnswer> => app.request('GET', path);
  const post = (path: string, fields: Record<string, string>): Promise<TestAnswer> =>
    app.request('POST', path, {
      raw: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const somebody = (): string => `somebody-${randomUUID()}@example.com`;
  const logIn = async (email: string, password: string): Promise<number> =>
    (await app.request('POST', '/api/v1/auth/login', { body: { email, password } })).status;
  const withPassword = async () => {
    const person = await createPerson(database);
    await givePassword(database, person, PASSWORD);
    return person;
  };
  /** The path of the link in an invitation's mail. */
  const invite = async (email: string, name = 'Acme'): Promise<{ path: string; orgId: string }> => {
    const { orgId, key } = await createOrganization(database);
    await database.system('organizations').where({ id: orgId }).update({ name });
    const body = { email, roles: [{ role: 'member' }] };
    await app.request('POST', `/api/v1/organizations/${typeId('org', orgId)}/invite`, { key, body });
    const [mail] = await waitingMails(database, email);
    return { path: new URL(/https?:\S+ivt_\S+/.exec(mail!.text)![0]).pathname, orgId };
  };

  it('a page loads nothing from elsewhere, tells nobody where it was, is kept nowhere, and works without a script', async () => {
    for (const path of PAGES) {
      const { status, headers, text } = await get(path);
      expect([status, headers.get('content-type'), headers.get('cache-control')], path).to.deep.equal([
        200,
        'text/html; charset=utf-8',
        'no-store',
      ]);
      expect(headers.get('referrer-policy')).to.equal('no-referrer');
      expect(headers.get('content-security-policy')).to.match(/default-src 'none'.*form-action 'self'.*script-src 'self'/);
      expect(headers.get('content-security-policy')).not.to.match(/unsafe|https?:/);
      expect(text).not.to.match(/<script(?![^>]*\bsrc=)|\son\w+=|style=/);
      for (const [, source] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
        expect(source).to.match(/^\/[^/]/);
        expect((await get(source!)).status, source).to.equal(200);
      }
      for (const [, name] of text.matchAll(/<input id="(\w+)"/g)) expect(text).to.contain(`<label for="${name}">`);
    }
  });

  it('sign up and confirm: the link of the mail opens the page, the token may be pasted, and the account can be used', async () => {
    const email = somebody();
    expect((await post('/auth/register', { email, name: 'Ada', password: PASSWORD })).status).to.equal(200);
    const token = await tokenMailedTo(database, email);
    expect((await get('/auth/verify-email')).text).to.contain('Confirm your e-mail address');
    const done = await post('/auth/verify-email', { token: ` ${token} `, password: PASSWORD });
    expect([done.status, done.text.includes('can be used')]).to.deep.equal([200, true]);
    expect(await logIn(email, PASSWORD)).to.equal(200);
  });

  it('forgot and reset: sets the password that is typed, spaces and all', async () => {
    const { email } = await withPassword();
    expect((await post('/auth/password/forgot', { email })).text).to.contain('on its way');
    const token = await tokenMailedTo(database, email);
    expect((await post('/auth/password/reset', { token, password: ` ${OTHER} ` })).status).to.equal(200);
    expect([await logIn(email, OTHER), await logIn(email, ` ${OTHER} `)]).to.deep.equal([401, 200]);
  });

  it('another address: confirms it with the password', async () => {
    const person = await withPassword();
    const [{ accessToken: key }, email] = [await signIn(database, person), somebody()];
    await app.request('POST', '/api/v1/auth/email', { key, body: { email, current_password: PASSWORD } });
    const done = await post('/auth/email', { token: await tokenMailedTo(database, email), password: PASSWORD });
    expect([done.status, done.text.includes(email)]).to.deep.equal([200, true]);
    expect(await logIn(email, PASSWORD)).to.equal(200);
  });

  it('an invitation: says what it offers, and makes who signs in there a member; no session is left', async () => {
    const person = await withPassword();
    const { path, orgId } = await invite(person.email);
    expect((await get(path)).text).to.contain('Join Acme');
    const wrong = await post(path, { email: person.email, password: OTHER });
    expect([wrong.status, wrong.text.includes('role="alert"')]).to.deep.equal([401, true]);
    expect((await post(path, { email: person.email, password: PASSWORD })).text).to.contain('You are a member of Acme now');
    expect(await database.system('memberships').where({ org_id: orgId, user_id: person.userId })).to.have.length(1);
    expect(await database.system('sessions').where({ user_id: person.userId, revoked_at: null })).to.deep.equal([]);
    expect((await get(path)).status).to.equal(404);
  });

  it('an invitation of somebody with a second factor asks for its code', async () => {
    const person = await withPassword();
    const { secret } = await addTotp(database, person);
    const { path } = await invite(person.email);
    const credentials = { email: person.email, password: PASSWORD };
    expect((await post(path, credentials)).text).to.contain('give a code too');
    expect((await post(path, { ...credentials, code: codeOf(secret, new Date()) })).status).to.equal(200);
  });

  it('an invitation for another address is not taken up, and its page is no way to guess passwords', async () => {
    const { path } = await invite(somebody());
    const person = await withPassword();
    expect((await post(path, { email: person.email, password: PASSWORD })).status).to.equal(403);
    for (let i = 0; i < 5; i += 1) await post(path, { email: person.email, password: OTHER });
    const locked = await post(path, { email: person.email, password: PASSWORD });
    expect([locked.status, Number(locked.headers.get('retry-after')) > 0]).to.deep.equal([429, true]);
  });

  it('what is wrong is said with the words of the page; what was typed comes back, but no password, and as text alone', async () => {
    const { status, text } = await post('/auth/verify-email', { token: '"><script>alert(1)</script>', password: PASSWORD });
    expect(status).to.equal(422);
    expect(text).to.contain('value="&quot;&gt;&lt;script&gt;').and.not.to.contain('<script>alert').and.not.to.contain(PASSWORD);
    const missing = await post('/auth/register', { email: 'ada@localhost' });
    expect(missing.status).to.equal(400);
    expect(missing.text).to.contain('E-mail address is no e-mail address').and.to.contain('Password is required');
    const { path } = await invite(somebody(), '<b>Evil</b>');
    expect((await get(path)).text).to.contain('Join &lt;b&gt;Evil&lt;/b&gt;');
  });

  it('403: a form that another page sends does nothing', async () => {
    const { email } = await withPassword();
    const send = (site: string): Promise<TestAnswer> =>
      app.request('POST', '/auth/password/forgot', {
        raw: new URLSearchParams({ email }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': site },
      });
    expect([(await send('cross-site')).status, (await send('same-site')).status]).to.deep.equal([403, 403]);
    expect(await mailsTo(database, email)).to.deep.equal([]);
    expect((await send('same-origin')).status).to.equal(200);
    expect(await mailsTo(database, email)).to.have.length(1);
  });

  it('404: an invitation that opens nothing; 415: no form; 413: a large one; other methods and names are none', async () => {
    expect((await get(`/invitations/ivt_${'B'.repeat(43)}`)).status).to.equal(404);
    expect((await app.request('POST', '/auth/register', { body: {} })).status).to.equal(415);
    expect((await post('/auth/register', { email: 'x'.repeat(1024 * 1024) })).status).to.equal(413);
    for (const path of ['/auth/constructor', '/auth', '/invitations/', '/auth/pages.txt']) expect((await get(path)).status).to.equal(404);
    expect((await app.request('DELETE', '/auth/register')).status).to.equal(404);
  });
});

describe('pages of accounts: with a user interface', () => {
  const database = useDatabase();
  const app = useApp(database, { config: { APP_URL: 'https://app.acme.example' } });

  it('are not there', async () => {
    for (const path of [...PAGES, '/auth/pages.js']) expect((await app.request('GET', path)).status, path).to.equal(404);
  });
});
