import { expect } from 'chai';
import { api } from '../../../server/http/api.ts';
import { canonicalPath } from '../../../server/http/mounts.ts';
import type { Route } from '../../../server/http/route.ts';
import { newId, parseTypeId, typeId } from '../../../server/ids.ts';
import { useApp } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { createPerson, joinOrganization, signIn } from '../../support/people.ts';
import type { BuiltInRole } from '../../../services/access/builtInRoles.ts';

const PASSWORD = { amr: ['pwd'], mfaAt: null };
const TOTP = { amr: ['mfa', 'otp', 'pwd'], mfaAt: new Date() };
const PASSKEY = { amr: ['hwk', 'mfa', 'pwd'], mfaAt: new Date() };
const RECOVERY_CODE = { amr: ['mfa', 'pwd', 'recovery_code'], mfaAt: new Date() };

describe('what an organization asks of sessions', () => {
  const database = useDatabase();
  const app = useApp(database);

  async function organizationWith(mfa: object): Promise<TestOrganization> {
    const organization = await createOrganization(database);
    await database
      .system('organizations')
      .where({ id: organization.orgId })
      .update({ settings: JSON.stringify({ mfa }) });
    return organization;
  }
  async function ask(organization: TestOrganization, proof: object, role: BuiltInRole = 'admin', path = '/api/v1/admin/webhooks') {
    const person = await createPerson(database);
    await joinOrganization(database, organization, person, [role]);
    const { accessToken } = await signIn(database, person, organization, proof);
    const { status, json } = await app.request('GET', path, { key: accessToken });
    return { status, code: json.code as string | undefined, body: json };
  }

  for (const [what, proof] of Object.entries({ 'an app': TOTP, 'a passkey': PASSKEY, 'a recovery code': RECOVERY_CODE })) {
    it(`required: lets in who used ${what} in this session`, async () => {
      expect((await ask(await organizationWith({ policy: 'required' }), proof)).status).to.equal(200);
    });
  }

  it('required: refuses a session of a password alone, and names the way on', async () => {
    const { status, code, body } = await ask(await organizationWith({ policy: 'required' }), PASSWORD);
    expect([status, code]).to.deep.equal([403, 'mfa_required']);
    expect(body).to.include({ step_up: '/api/v1/auth/mfa/verify', enroll: '/api/v1/auth/mfa' });
    expect(body.accepts).to.deep.equal(['totp', 'webauthn', 'recovery_code']);
  });

  it('required: that a factor is set up counts for nothing; it has to be used in this session', async () => {
    const organization = await organizationWith({ policy: 'required' });
    const person = await createPerson(database);
    await joinOrganization(database, organization, person, ['admin']);
    await database
      .system('totp_factors')
      .insert({ user_id: person.userId, id: person.userId, sealed_secret: 'x', confirmed_at: new Date() });
    const before = await signIn(database, person, organization, PASSWORD);
    const elsewhere = await signIn(database, person, organization, TOTP);
    const answers = [];
    for (const { accessToken } of [before, elsewhere])
      answers.push((await app.request('GET', '/api/v1/admin/webhooks', { key: accessToken })).status);
    expect(answers).to.deep.equal([403, 200]);
  });

  it('phishing_resistant_only: a passkey will do, nothing that is typed', async () => {
    const organization = await organizationWith({ policy: 'required', phishing_resistant_only: true });
    const codes = [];
    for (const proof of [PASSKEY, TOTP, RECOVERY_CODE, PASSWORD]) codes.push((await ask(organization, proof)).code);
    expect(codes).to.deep.equal([undefined, 'mfa_required', 'mfa_required', 'mfa_required']);
    expect((await ask(organization, TOTP)).body.accepts).to.deep.equal(['webauthn']);
  });

  it('roles: asks those who have one of them, anywhere in the organization, and nobody else', async () => {
    const organization = await organizationWith({ policy: 'roles', roles: ['owner', 'admin'] });
    expect((await ask(organization, PASSWORD, 'admin')).code).to.equal('mfa_required');
    expect((await ask(organization, PASSWORD, 'viewer')).status).to.equal(200);
    const person = await createPerson(database);
    await joinOrganization(database, organization, person, ['viewer', { role: 'admin', workspaceId: organization.workspaceId }]);
    const { accessToken } = await signIn(database, person, organization, PASSWORD);
    expect((await app.request('GET', '/api/v1/admin/webhooks', { key: accessToken })).json.code).to.equal('mfa_required');
  });

  it('roles: one of the organization’s own is asked as well, once it is known there; 409: while the policy names it, it stays', async () => {
    const organization = await createOrganization(database, { plan: 'professional' });
    const owner = { userId: organization.ownerUserId, email: 'owner@example.com' };
    const { accessToken: key } = await signIn(database, owner, organization, { ...TOTP, authTime: new Date() });
    const send = (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) =>
      app.request(method, `/api/v1/${path}`, { key, ...(body && { body }) });
    const path = `organizations/${typeId('org', organization.orgId)}`;
    const policyFor = (roles: string[]) => send('PATCH', path, { settings: { mfa: { policy: 'roles', roles } } });
    const { json: role } = await send('POST', 'admin/roles', { name: 'Auditor', permissions: ['webhook.read'] });
    const elsewhere = await policyFor(['admin', typeId('rol', newId())]);
    expect([elsewhere.status, elsewhere.json.errors[0].location]).to.deep.equal([400, 'body.settings.mfa.roles.1']);
    expect((await policyFor(['read_only', role.id])).json.settings.mfa.roles).to.deep.equal(['viewer', role.id]);
    const grant = { roleId: parseTypeId('rol', role.id)! };
    for (const given of [grant, { ...grant, workspaceId: organization.workspaceId }]) {
      const person = await createPerson(database);
      const membershipId = await joinOrganization(database, organization, person, ['member', given]);
      const { accessToken } = await signIn(database, person, organization, PASSWORD);
      expect((await app.request('GET', `/api/v1/${path}`, { key: accessToken })).json.code).to.equal('mfa_required');
      await database.system('membership_roles').where({ membership_id: membershipId }).delete();
    }
    const refused = await send('DELETE', `admin/roles/${role.id}`);
    expect([refused.status, refused.json.in_use]).to.deep.equal([409, { members: 0, invitations: 0, mfa_policy: true }]);
    await policyFor(['admin']);
    expect((await send('DELETE', `admin/roles/${role.id}`)).status).to.equal(204);
  });

  it('grace_until: refuses nobody before, everybody after', async () => {
    const soon = await organizationWith({ policy: 'required', grace_until: new Date(Date.now() + 60_000).toISOString() });
    const over = await organizationWith({ policy: 'required', grace_until: new Date(Date.now() - 1).toISOString() });
    expect([(await ask(soon, PASSWORD)).status, (await ask(over, PASSWORD)).status]).to.deep.equal([200, 403]);
  });

  it('a policy that is set bites on the next request of a session that was let in', async () => {
    const organization = await organizationWith({ policy: 'none' });
    const person = await createPerson(database);
    await joinOrganization(database, organization, person, ['admin']);
    const { accessToken: key } = await signIn(database, person, organization, PASSWORD);
    expect((await app.request('GET', '/api/v1/admin/webhooks', { key })).status).to.equal(200);
    await database
      .system('organizations')
      .where({ id: organization.orgId })
      .update({ settings: JSON.stringify({ mfa: { policy: 'required' } }) });
    let status = 200;
    for (const end = Date.now() + 4_000; status === 200 && Date.now() < end;)
      ({ status } = await app.request('GET', '/api/v1/admin/webhooks', { key }));
    expect(status).to.equal(403);
  });

  it('asks nothing of API keys, and what needs the organization without a permission is asked as well', async () => {
    const organization = await organizationWith({ policy: 'required' });
    expect((await app.request('GET', '/api/v1/admin/webhooks', { key: organization.key })).status).to.equal(200);
    expect((await ask(organization, PASSWORD, 'admin', '/api/v1/admin/permissions/me')).code).to.equal('mfa_required');
  });

  it('every route of the organization is closed to a session that lacks the factor, and no other is', async () => {
    const organization = await organizationWith({ policy: 'required' });
    const person = await createPerson(database);
    await joinOrganization(database, organization, person, ['owner']);
    const { accessToken: key } = await signIn(database, person, organization, PASSWORD);
    const orgId = typeId('org', organization.orgId);
    const closed: string[] = [];
    for (const route of api.filter(({ operationId }) => operationId !== 'auth.logout')) {
      const path = canonicalPath(route)
        .replace('{organization_id}', orgId)
        .replaceAll(/\{\w+\}/g, 'x');
      const { json } = await app.request(route.method, path, { key });
      if (json?.code === 'mfa_required') closed.push(route.operationId);
    }
    // A route that is in no organization yet may judge the policy of the one that it names.
    const judgesItself = ({ signedIn, errors }: Route): boolean => signedIn === true && errors?.includes('mfa_required') === true;
    const ofOrganization = (route: Route): boolean => !route.signedIn && (route.permission !== undefined || route.anyCredential === true);
    expect(closed).to.deep.equal(api.filter((route) => ofOrganization(route) || judgesItself(route)).map(({ operationId }) => operationId));
    expect(closed.length).to.be.greaterThan(60);
    expect(closed.filter((operationId) => /^(auth|mfa)\./.test(operationId))).to.deep.equal([]);
  });

  it('a refusal is on record', async () => {
    const organization = await organizationWith({ policy: 'required' });
    await ask(organization, PASSWORD);
    const entries = await database.system('audit_view').where({ org_id: organization.orgId, outcome: 'denied' }).select('action', 'reason');
    expect(entries).to.deep.equal([{ action: 'webhooks.list', reason: 'lacks the second factor that the policy asks for' }]);
  });
});
