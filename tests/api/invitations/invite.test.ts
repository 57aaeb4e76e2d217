import { expect } from 'chai';
import { newId, typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { waitingMails } from '../../support/mailbox.ts';
import { signInMember } from '../../support/people.ts';

interface Invitation {
  id: string;
  email: string;
  status: string;
  roles: { role: string; workspace_id: string | null }[];
  expires_at: string;
}

let count = 0;
const address = (): string => `guest${(count += 1)}@acme.example`;
const MEMBER = [{ role: 'member' }];

describe('invitations', () => {
  const api = useApi();
  let organization: TestOrganization;
  let path: string;
  let owner: Caller;

  before(async () => {
    organization = await createOrganization(api.database, { name: 'Acme' });
    path = `/organizations/${typeId('org', organization.orgId)}`;
    owner = api.as((await signInMember(api.database, organization, ['owner'])).accessToken);
  });

  const invite = (email: string, roles: object[] = MEMBER, caller = owner) => caller.post<Invitation>(`${path}/invite`, { email, roles });
  const tokenOf = async (email: string): Promise<string> => /ivt_[\w-]+/.exec((await waitingMails(api.database, email)).at(-1)!.text)![0];
  const setRow = (id: string, values: object) => api.database.system('invitations').where({ id }).update(values);
  const uuid = async (email: string): Promise<string> =>
    (await api.database.system('invitations').where({ email }).first<{ id: string }>('id')).id;

  describe('invitations.create', () => {
    it('201: a mail with the link, an entry in the log, and the token nowhere but in the mail', async () => {
      const email = address();
      const { status, body, text } = await invite(`  ${email.toUpperCase()} `, [{ role: 'viewer' }]);
      expect(status).to.equal(201);
      expect(body).to.deep.include({ email, status: 'pending', roles: [{ role: 'viewer', workspace_id: null }] });
      expect(Date.parse(body.expires_at) - Date.now()).to.be.closeTo(7 * 86_400_000, 60_000);
      const [mail] = await waitingMails(api.database, email);
      expect(mail!.subject).to.equal('You are invited to Acme');
      const token = await tokenOf(email);
      const list = await owner.get(`${path}/invitations`);
      for (const answer of [text, list.text]) expect(answer).not.to.contain(token.slice(4));
      const [row] = await api.database.system('invitations').where({ email });
      expect(JSON.stringify(row)).not.to.contain(token.slice(4));
      const entries = await api.database.system('audit_view').where({ action: 'invitations.create', target_id: body.id });
      expect(entries).to.have.length(1);
    });

    it('400: names what is wrong with the address and with the roles', async () => {
      const { status, body } = await owner.post(`${path}/invite`, { email: 'nobody', roles: [{ role: 'emperor' }] });
      expect(status).to.equal(400);
      expect(body.errors?.map(({ location }) => location)).to.deep.equal(['body.email', 'body.roles.0.role']);
      expect((await owner.post(`${path}/invite`, { email: address(), roles: [] })).body.errors?.[0]?.location).to.equal('body.roles');
      const foreignRole = await invite(address(), [{ role: typeId('rol', newId()) }]);
      expect(foreignRole.status).to.equal(400);
    });

    it('401 without a credential, 403 without the permission, 404 in another organization', async () => {
      const body = { email: address(), roles: MEMBER };
      expect((await api.as(null).post(`${path}/invite`, body)).status).to.equal(401);
      const viewer = api.as((await signInMember(api.database, organization, ['viewer'])).accessToken);
      expect((await viewer.post(`${path}/invite`, body)).status).to.equal(403);
      expect((await owner.post(`/organizations/${typeId('org', newId())}/invite`, body)).status).to.equal(404);
    });

    it('403: nobody offers what they do not hold, person or key', async () => {
      const manager = api.as((await signInMember(api.database, organization, ['manager'])).accessToken);
      expect((await invite(address(), [{ role: 'admin' }], manager)).status).to.equal(403);
      expect((await invite(address(), [{ role: 'member' }], manager)).status).to.equal(201);
      const key = await createApiKey(api.database, organization, { scopes: ['team.manage_members', 'team.read', 'organization.read'] });
      expect((await invite(address(), MEMBER, api.as(key.key))).status).to.equal(403);
      const whole = await createApiKey(api.database, organization);
      expect((await invite(address(), [{ role: 'owner' }], api.as(whole.key))).status).to.equal(403);
      expect((await invite(address(), [{ role: 'admin' }], api.as(whole.key))).status).to.equal(201);
    });

    it('409 for a member and for who is invited already, until that invitation is over', async () => {
      const member = await signInMember(api.database, organization);
      expect((await invite(member.email)).status).to.equal(409);
      const email = address();
      await invite(email);
      const again = await Promise.all([invite(email), invite(email)]);
      expect(again.map(({ status }) => status)).to.deep.equal([409, 409]);
      await setRow(await uuid(email), { expires_at: new Date(Date.now() - 1_000) });
      const racing = await Promise.all([invite(email), invite(email), invite(email)]);
      expect(racing.map(({ status }) => status).toSorted()).to.deep.equal([201, 409, 409]);
    });

    it('402: invitations take seats, and give them back when they are revoked or over', async () => {
      const small = await createOrganization(api.database, { plan: 'free' });
      const caller = api.as(small.key);
      const smallPath = `/organizations/${typeId('org', small.orgId)}`;
      const ask = (email: string) => caller.post<Invitation>(`${smallPath}/invite`, { email, roles: MEMBER });
      const racing = await Promise.all([1, 2, 3, 4, 5].map(() => ask(address())));
      expect(racing.map(({ status }) => status).toSorted()).to.deep.equal([201, 201, 402, 402, 402]);
      const refused = await ask(address());
      expect(refused.body).to.have.nested.property('limit.used', 3);
      const [first, second] = racing.filter(({ status }) => status === 201).map(({ body }) => body);
      expect((await caller.delete(`${smallPath}/invitations/${first!.id}`)).status).to.equal(204);
      expect((await ask(address())).status).to.equal(201);
      await api.database
        .system('invitations')
        .where({ email: second!.email })
        .update({ expires_at: new Date(Date.now() - 1) });
      expect((await ask(address())).status).to.equal(201);
    });
  });

  describe('invitations.list', () => {
    it('filters by status and address, and tells of one that is over', async () => {
      const [over, taken] = [address(), address()];
      await invite(over);
      const { body } = await invite(taken);
      await setRow(await uuid(over), { expires_at: new Date(Date.now() - 1) });
      await owner.delete(`${path}/invitations/${body.id}`);
      const list = async (query: string) => (await owner.get<{ data: Invitation[] }>(`${path}/invitations?${query}`)).body.data;
      expect((await list('status=expired')).map(({ email }) => email))
        .to.include(over)
        .and.not.include(taken);
      expect((await list(`email=${taken}`)).map(({ status }) => status)).to.deep.equal(['revoked']);
      const pending = (await list('status=pending')).map(({ email }) => email);
      expect(pending.length).to.be.greaterThan(0);
      for (const email of [over, taken]) expect(pending).not.to.include(email);
    });
  });

  describe('invitations.resend', () => {
    it('429 within a minute; then a new token, and the one before opens nothing', async () => {
      const email = address();
      const { body } = await invite(email);
      const early = await owner.post(`${path}/invitations/${body.id}/resend`);
      expect(early.status).to.equal(429);
      expect(Number(early.headers.get('retry-after'))).to.be.within(1, 60);
      const before = await tokenOf(email);
      await setRow(await uuid(email), { sent_at: new Date(Date.now() - 61_000), expires_at: new Date(Date.now() - 1_000) });
      const sent = await owner.post<Invitation>(`${path}/invitations/${body.id}/resend`);
      expect(sent.body).to.include({ status: 'pending', email });
      const after = await tokenOf(email);
      expect(after).not.to.equal(before);
      expect((await api.as(null).get(`/invitations/${before}`)).status).to.equal(404);
      expect((await api.as(null).get(`/invitations/${after}`)).status).to.equal(200);
    });

    it('403: who could not have offered the roles cannot resend them; 409 once it is revoked; 404 for none', async () => {
      const { body } = await invite(address(), [{ role: 'admin' }]);
      const manager = api.as((await signInMember(api.database, organization, ['manager'])).accessToken);
      expect((await manager.post(`${path}/invitations/${body.id}/resend`)).status).to.equal(403);
      await owner.delete(`${path}/invitations/${body.id}`);
      expect((await owner.post(`${path}/invitations/${body.id}/resend`)).status).to.equal(409);
      expect((await owner.post(`${path}/invitations/${typeId('inv', newId())}/resend`)).status).to.equal(404);
    });
  });

  describe('invitations.preview', () => {
    it('shows who invites to what, the address masked, and nothing of an unknown or malformed token', async () => {
      const email = address();
      const { body } = await invite(email);
      const token = await tokenOf(email);
      const preview = await api.as(null).get<Record<string, string>>(`/invitations/${token}`);
      expect(preview.body).to.include({ organization_name: 'Acme', email: 'g…@acme.example' });
      expect(preview.headers.get('cache-control')).to.equal('no-store');
      expect(preview.text).not.to.contain(email);
      await owner.delete(`${path}/invitations/${body.id}`);
      const answers = await Promise.all(
        [token, `ivt_${'A'.repeat(43)}`, 'ivt_x', body.id].map((text) => api.as(null).get(`/invitations/${text}`)),
      );
      const problems = answers.map(({ status, body: problem }) => ({ ...problem, status, request_id: null }));
      expect(new Set(problems.map((problem) => JSON.stringify(problem))).size).to.equal(1);
      expect(problems[0]).to.include({ status: 404, code: 'not_found' });
    });
  });
});
