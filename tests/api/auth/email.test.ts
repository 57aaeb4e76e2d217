import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { newId, typeId } from '../../../server/ids.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { auditedChangesOf } from '../../support/auditedChanges.ts';
import { useDatabase } from '../../support/database.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { addTotp, secondFactor } from '../../support/factors.ts';
import { waitingMails } from '../../support/mailbox.ts';
import { mailsTo, tokenMailedTo } from '../../support/mails.ts';
import { createPerson, givePassword, joinOrganization, signIn, withoutFloor } from '../../support/people.ts';
import type { TestSession } from '../../support/people.ts';

const PASSWORD = 'seven quiet herons';
const OTHER = 'eleven loud magpies';

describe('auth.email.change, auth.email.confirm', () => {
  const database = useDatabase();
  const app = useApp(database, { change: withoutFloor });
  let own: TestOrganization;
  let me: TestSession;
  let next: string;
  before(async () => {
    own = await createOrganization(database);
  });
  beforeEach(async () => {
    const person = await createPerson(database, { name: 'Ada' });
    await givePassword(database, person, PASSWORD);
    await joinOrganization(database, own, person, ['member']);
    me = await signIn(database, person, own);
    next = `ada-${randomUUID()}@new.example`;
  });

  const open = (path: string, body: unknown): Promise<TestAnswer> => app.request('POST', `/api/v1/auth/${path}`, { body });
  const ask = (email = next, current_password: string | undefined = PASSWORD, key = me.accessToken): Promise<TestAnswer> =>
    app.request('POST', '/api/v1/auth/email', { key, body: { email, current_password } });
  const confirm = async (password = PASSWORD, address = next): Promise<TestAnswer> =>
    open('email/confirm', { token: await tokenMailedTo(database, address), password });
  const codeOf = ({ status, json }: TestAnswer): unknown[] => [status, json?.code];
  const meOf = (key: string): Promise<TestAnswer> => app.request('GET', '/api/v1/auth/me', { key });
  const templates = async (address: string): Promise<string[]> => (await mailsTo(database, address)).map(({ template }) => template);

  it('202, 200: the address changes when the link of the mail to it is followed, is verified then, and signs in', async () => {
    const asked = await ask(` ${next.toUpperCase()} `);
    expect([asked.status, asked.json]).to.deep.equal([202, { status: 'accepted' }]);
    expect((await meOf(me.accessToken)).json.email).to.equal(me.email);
    expect((await confirm()).json).to.deep.equal({ status: 'changed', email: next });
    const { json } = await meOf(me.accessToken);
    expect([json.email, Date.now() - Date.parse(json.email_verified_at) < 60_000]).to.deep.equal([next, true]);
    expect((await open('login', { email: next, password: PASSWORD })).status).to.equal(200);
    expect((await open('login', { email: me.email, password: PASSWORD })).status).to.equal(401);
    expect(codeOf(await open('email/confirm', { token: await tokenMailedTo(database, next), password: PASSWORD }))).to.deep.equal([
      422,
      'invalid_link',
    ]);
  });

  it('the owner of the present address is told twice: when it is asked for, with what to do against it, and when it has changed', async () => {
    await ask();
    const [notice] = await mailsTo(database, me.email);
    expect([notice!.template, notice!.text.includes(next), notice!.text.includes('/auth/password/forgot')]).to.deep.equal([
      'email_change_asked',
      true,
      true,
    ]);
    expect(notice!.text).not.to.match(/ct_/);
    await confirm();
    expect(await templates(me.email)).to.deep.equal(['email_change_asked', 'email_changed']);
  });

  it('the session that asked goes on, every other one ends, and so do links to the address of before', async () => {
    const elsewhere = await signIn(database, me, own);
    await open('password/forgot', { email: me.email });
    const reset = await tokenMailedTo(database, me.email);
    await ask();
    await confirm();
    expect([(await meOf(me.accessToken)).status, (await meOf(elsewhere.accessToken)).status]).to.deep.equal([200, 401]);
    expect(codeOf(await open('password/reset', { token: reset, password: OTHER }))).to.deep.equal([422, 'invalid_link']);
  });

  it('a new password, changed or reset, ends the link; so does a newer request', async () => {
    const follow = async (token: string): Promise<unknown> => (await open('email/confirm', { token, password: PASSWORD })).json.code;
    await ask();
    const first = await tokenMailedTo(database, next);
    await ask();
    const second = await tokenMailedTo(database, next);
    expect(await follow(first)).to.equal('invalid_link');
    await app.request('PUT', '/api/v1/auth/password', {
      key: me.accessToken,
      body: { current_password: PASSWORD, new_password: OTHER },
    });
    expect(await follow(second)).to.equal('invalid_link');
    await ask(next, OTHER);
    const third = await tokenMailedTo(database, next);
    await open('password/forgot', { email: me.email });
    await open('password/reset', { token: await tokenMailedTo(database, me.email), password: PASSWORD });
    expect(await follow(third)).to.equal('invalid_link');
  });

  it('an address that has an account is answered alike: its owner is told, the notice goes out too, and nothing can be followed', async () => {
    const { email } = await createPerson(database);
    const [taken, free] = [await ask(email), await ask()];
    expect([taken.status, taken.text]).to.deep.equal([free.status, free.text]);
    expect(await templates(email)).to.deep.equal(['email_taken']);
    expect(await templates(me.email)).to.deep.equal(['email_change_asked', 'email_change_asked']);
    expect(await database.system('person_tokens').where({ user_id: me.userId, email })).to.deep.equal([]);
  });

  it('409: of two accounts that prove one address, the first has it', async () => {
    const rival = await createPerson(database);
    await givePassword(database, rival, OTHER);
    await ask();
    const mine = await tokenMailedTo(database, next);
    await ask(next, OTHER, (await signIn(database, rival)).accessToken);
    expect((await confirm(OTHER)).status).to.equal(200);
    expect(codeOf(await open('email/confirm', { token: mine, password: PASSWORD }))).to.deep.equal([409, 'conflict']);
    expect((await meOf(me.accessToken)).json.email).to.equal(me.email);
  });

  it('a sign-up that nobody proved keeps the address from nobody; somebody who was made a member with it does', async () => {
    await open('register', { email: next, password: OTHER });
    await ask();
    expect((await confirm()).status).to.equal(200);
    const { email } = await createPerson(database, { verified: false }).then(async (person) => {
      await joinOrganization(database, own, person);
      return person;
    });
    await ask(email);
    expect((await confirm(PASSWORD, email)).status).to.equal(409);
  });

  it('403, 429: a link alone changes nothing: its reader needs the password of the account, and cannot guess at it for long', async () => {
    await ask();
    for (let i = 0; i < 5; i += 1) expect(codeOf(await confirm(OTHER))).to.deep.equal([403, 'wrong_password']);
    expect(codeOf(await confirm())).to.deep.equal([429, 'too_many_attempts']);
    expect((await meOf(me.accessToken)).json.email).to.equal(me.email);
  });

  it('403: asks for the password; of who has a second factor, for that one, used within ten minutes', async () => {
    expect(codeOf(await ask(next, OTHER))).to.deep.equal([403, 'wrong_password']);
    const bare = await app.request('POST', '/api/v1/auth/email', { key: me.accessToken, body: { email: next } });
    expect([bare.status, bare.json.errors[0].location]).to.deep.equal([400, 'body.current_password']);
    await addTotp(database, me);
    expect(codeOf(await ask())).to.deep.equal([403, 'step_up_required']);
    const stepped = await signIn(database, me, own, secondFactor());
    expect((await ask(next, undefined, stepped.accessToken)).status).to.equal(202);
    expect((await confirm()).status).to.equal(200);
  });

  it('429: five requests a day', async () => {
    for (let i = 0; i < 5; i += 1) expect((await ask(`${i}-${next}`)).status).to.equal(202);
    expect(codeOf(await ask())).to.deep.equal([429, 'too_many_attempts']);
  });

  it('400: one’s own address, and what is none', async () => {
    for (const email of [me.email, 'ada@localhost']) {
      const { status, json } = await ask(email);
      expect([status, json.errors[0].location]).to.deep.equal([400, 'body.email']);
    }
  });

  it('401, 403: for people only; an API key is refused', async () => {
    const { key } = await createApiKey(database, own);
    expect([(await ask(next, PASSWORD, 'sk_nothing')).status, codeOf(await ask(next, PASSWORD, key))]).to.deep.equal([
      401,
      [403, 'permission_denied'],
    ]);
  });

  it('422: a link of another purpose, an old one, one that is none', async () => {
    await ask();
    const token = await tokenMailedTo(database, next);
    await database.system('person_tokens').where({ user_id: me.userId }).update({ expires_at: new Date() });
    for (const each of [token, token.replace('ct_', 'pt_'), 'ct_', 'x']) {
      expect(codeOf(await open('email/confirm', { token: each, password: PASSWORD }))).to.deep.equal([422, 'invalid_link']);
    }
  });

  it('what an address opens follows it: an invitation to the new one is accepted, a domain of the new one is joined', async () => {
    const { orgId, key } = await createOrganization(database);
    await app.request('POST', `/api/v1/organizations/${typeId('org', orgId)}/invite`, {
      key,
      body: { email: next, roles: [{ role: 'member' }] },
    });
    const [invitation] = await waitingMails(database, next);
    const accept = (): Promise<TestAnswer> =>
      app.request('POST', `/api/v1/invitations/${/ivt_[\w-]+/.exec(invitation!.text)![0]}/accept`, { key: me.accessToken });
    expect(codeOf(await accept())).to.deep.equal([403, 'invitation_for_other_address']);
    await ask();
    await confirm();
    expect((await accept()).status).to.equal(200);
    const joinable = await createOrganization(database);
    const settings = JSON.stringify({ domains: { join: true } });
    await database.system('organizations').where({ id: joinable.orgId }).update({ settings });
    const domain = { org_id: joinable.orgId, id: newId(), domain: 'new.example', challenge: 'x', status: 'verified' };
    const at = new Date();
    await database.system('domains').insert({ ...domain, verified_at: at, next_check_at: at, created_at: at, updated_at: at });
    const joined = await app.request('POST', '/api/v1/organizations/join', { key: me.accessToken, body: {} });
    expect(joined.status, joined.text).to.be.oneOf([200, 201]);
  });

  it('both steps are in the log of the person’s organizations; the token is stored nowhere', async () => {
    await ask();
    const token = await tokenMailedTo(database, next);
    await confirm();
    const actions = await database
      .system('audit_view')
      .where({ org_id: own.orgId, actor_id: typeId('usr', me.userId) })
      .pluck('action');
    expect(actions).to.include.members(['auth.email.change', 'auth.email.confirm']);
    expect(JSON.stringify([await database.system('mails'), await database.system('person_tokens')])).not.to.contain(token);
  });

  it('restrict_members judges who is let in: a member who moves elsewhere stays, the log has both addresses, and nobody invites the new one', async () => {
    const strict = await createOrganization(database);
    const { orgId, key } = strict;
    await joinOrganization(database, strict, me, ['member']);
    const settings = JSON.stringify({ domains: { restrict_members: true } });
    await database.system('organizations').where({ id: orgId }).update({ settings });
    await ask();
    expect((await confirm()).status).to.equal(200);
    const organization = `/api/v1/organizations/${typeId('org', orgId)}`;
    const listed = await app.request('GET', `${organization}/members?email=${next}`, { key });
    expect(listed.json.data.map(({ status }: { status: string }) => status)).to.deep.equal(['active']);
    expect(
      await auditedChangesOf(database, orgId, { action: 'auth.email.confirm', subject: `user:${typeId('usr', me.userId)}` }),
    ).to.deep.equal([{ before: { email: me.email }, after: { email: next } }]);
    expect((await app.request('DELETE', `${organization}/members/${typeId('usr', me.userId)}`, { key })).status).to.equal(204);
    const again = await app.request('POST', `${organization}/invite`, { key, body: { email: next, roles: [{ role: 'member' }] } });
    expect(codeOf(again)).to.deep.equal([422, 'address_not_allowed']);
  });
});
