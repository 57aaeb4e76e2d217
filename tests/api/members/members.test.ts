import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { createPerson, joinOrganization, signIn, signInMember } from '../../support/people.ts';
import type { TestSession } from '../../support/people.ts';
import { until } from '../../support/until.ts';

interface MemberBody {
  user_id: string;
  email: string;
  status: string;
  roles: { role: string; workspace_id: string | null; source: string; granted_by: string | null }[];
}

describe('members', () => {
  const api = useApi();
  let own: TestOrganization;
  let owner: TestSession;
  let asOwner: Caller;
  let path: string;
  before(async () => {
    own = await createOrganization(api.database);
    owner = await signInMember(api.database, own, ['owner']);
    asOwner = api.as(owner.accessToken);
    path = `/organizations/${typeId('org', own.orgId)}/members`;
  });
  const join = (...roles: NonNullable<Parameters<typeof signInMember>[2]>[number][]): Promise<TestSession> =>
    signInMember(api.database, own, roles);
  const at = ({ userId }: { userId: string }): string => `${path}/${typeId('usr', userId)}`;
  const rolesOf = async (person: TestSession): Promise<string[]> =>
    (await asOwner.get<MemberBody>(at(person))).body.roles.map(({ role, source }) => `${role} ${source}`);

  it('200: lists members with their roles, who joined last first; filters by status, role and address', async () => {
    const manager = await join('manager', { role: 'viewer', workspaceId: own.workspaceId });
    const { body } = await asOwner.get<{ data: MemberBody[] }>(`${path}?limit=1`);
    expect(body.data[0]).to.include({
      user_id: typeId('usr', manager.userId),
      email: manager.email,
      status: 'active',
      email_verified: true,
    });
    expect(body.data[0]!.roles.map(({ role, workspace_id, source }) => [role, workspace_id, source])).to.deep.equal([
      ['manager', null, 'manual'],
      ['viewer', typeId('wsp', own.workspaceId), 'manual'],
    ]);
    const filters = [`role=manager`, `email=${encodeURIComponent(manager.email.toUpperCase())}`, 'role=read_only'];
    for (const filter of filters) {
      const found = await asOwner.get<{ data: MemberBody[] }>(`${path}?${filter}`);
      expect(
        found.body.data.map(({ email }) => email),
        filter,
      ).to.deep.equal([manager.email]);
    }
    expect((await asOwner.get<{ data: MemberBody[] }>(`${path}?status=suspended`)).body.data).to.deep.equal([]);
    for (const wrong of ['role=king', 'email=%00', 'status=gone'])
      expect((await asOwner.get(`${path}?${wrong}`)).status, wrong).to.equal(400);
  });

  it('200: who is suspended can do nothing from then on, and has the same roles when they come back', async () => {
    const person = await join('admin');
    const asPerson = api.as(person.accessToken);
    expect((await asPerson.get(path)).status).to.equal(200);
    expect((await asOwner.patch<MemberBody>(at(person), { status: 'suspended' })).body).to.include({ status: 'suspended' });
    expect(
      await until(
        async () => (await asPerson.get(path)).status,
        (status) => status === 403,
        4_000,
      ),
    ).to.be.below(4_000);
    expect((await asOwner.patch<MemberBody>(at(person), { status: 'active' })).body.roles[0]).to.include({ role: 'admin' });
    await until(
      async () => (await asPerson.get(path)).status,
      (status) => status === 200,
      4_000,
    );
  });

  it('402: a seat that was taken meanwhile is no seat to come back to', async () => {
    const small = await createOrganization(api.database, { plan: 'free' });
    const [boss, second] = [await signInMember(api.database, small, ['owner']), await signInMember(api.database, small)];
    const members = `/organizations/${typeId('org', small.orgId)}/members/${typeId('usr', second.userId)}`;
    expect((await api.as(boss.accessToken).patch(members, { status: 'suspended' })).status).to.equal(200);
    await signInMember(api.database, small);
    const { status, body } = await api.as(boss.accessToken).patch(members, { status: 'active' });
    expect([status, body.code]).to.deep.equal([402, 'plan_limit_reached']);
  });

  it('204: a removal ends live tokens, entered sessions and own keys at once, and leaves the account and the organization’s keys', async () => {
    const person = await join('admin');
    const elsewhere = await createOrganization(api.database);
    await joinOrganization(api.database, elsewhere, person, ['viewer']);
    const there = await signIn(api.database, person, elsewhere);
    const [mine, ours] = [await createApiKey(api.database, own, { ownerUserId: person.userId }), await createApiKey(api.database, own)];
    const credentials = [person.accessToken, mine.key].map((credential) => api.as(credential));
    for (const caller of credentials) expect((await caller.get(path)).status).to.equal(200);
    expect((await asOwner.delete(at(person))).status).to.equal(204);
    for (const caller of credentials)
      await until(
        async () => (await caller.get(path)).status,
        (status) => status >= 401,
        4_000,
      );
    expect((await api.as(ours.key).get(path)).status).to.equal(200);
    expect((await api.as(there.accessToken).get(`/organizations/${typeId('org', elsewhere.orgId)}/members`)).status).to.equal(200);
    const active: (string | null)[] = await api.database
      .system('sessions')
      .where({ user_id: person.userId })
      .orderBy('id')
      .pluck('active_org_id');
    expect(active).to.deep.equal([null, elsewhere.orgId]);
    expect(await api.database.system('api_keys').where({ id: mine.id }).first('disabled_reason')).to.deep.equal({
      disabled_reason: 'owner_removed',
    });
    expect((await asOwner.get(at(person))).status).to.equal(404);
    await joinOrganization(api.database, own, person, ['admin']);
    expect((await api.as(mine.key).get(path)).status).to.equal(401);
  });

  it('403: nobody changes or removes who has more than they, nor gives more than they have', async () => {
    const [manager, admin, member] = [await join('manager'), await join('admin'), await join('member')];
    const asManager = api.as(manager.accessToken);
    const refused = [
      await asManager.delete(at(admin)),
      await asManager.patch(at(admin), { status: 'suspended' }),
      await asManager.put(`${at(admin)}/roles`, { roles: [{ role: 'member' }] }),
      await asManager.put(`${at(member)}/roles`, { roles: [{ role: 'admin' }] }),
      await asManager.put(`${at(manager)}/roles`, {
        roles: [{ role: 'manager' }, { role: 'admin', workspace_id: typeId('wsp', own.workspaceId) }],
      }),
      await api.as(own.key).put(`${at(member)}/roles`, { roles: [{ role: 'owner' }] }),
      await api.as(admin.accessToken).delete(at(owner)),
    ];
    expect(refused.map(({ body }) => body.code)).to.deep.equal(refused.map(() => 'permission_denied'));
    expect(await rolesOf(admin)).to.deep.equal(['admin manual']);
    expect((await asManager.patch(at(member), { status: 'suspended' })).status).to.equal(200);
    expect((await asOwner.get<MemberBody>(at(member))).body.status).to.equal('suspended');
  });

  it('200: several roles add up; what a directory gave stays unless it is said otherwise; a kept role stays as it was given', async () => {
    const person = await createPerson(api.database);
    const membershipId = await joinOrganization(api.database, own, person, ['manager']);
    const session = await signIn(api.database, person, own);
    await api.database.system('membership_roles').insert({
      org_id: own.orgId,
      id: membershipId,
      membership_id: membershipId,
      role: 'viewer',
      source: 'scim',
      source_ref: 'group-7',
    });
    const put = (body: object) => asOwner.put(`${at(person)}/roles`, body);
    await put({ roles: [{ role: 'manager' }, { role: 'user' }] });
    expect(await rolesOf(session)).to.have.members(['manager manual', 'viewer scim', 'member manual']);
    await put({ roles: [{ role: 'member' }, { role: 'viewer' }] });
    expect(await rolesOf(session)).to.have.members(['viewer scim', 'member manual', 'viewer manual']);
    await put({ roles: [{ role: 'member' }], include_directory: true });
    expect(await rolesOf(session)).to.deep.equal(['member manual']);
    await put({ roles: [] });
    expect(await rolesOf(session)).to.deep.equal([]);
    expect((await put({ roles: [{ role: 'member' }, { role: 'user' }] })).status).to.equal(400);
    const { body } = await asOwner.get<{ data: unknown[] }>(`${at(person)}/roles`);
    expect(body.data).to.deep.equal([]);
  });

  it('204: anybody can leave but the last owner, who is told so', async () => {
    const person = await join('viewer');
    expect((await api.as(person.accessToken).delete(`${path}/me`)).status).to.equal(204);
    expect((await asOwner.get(at(person))).status).to.equal(404);
    expect((await asOwner.delete(`${path}/me`)).body.code).to.equal('last_owner');
    expect((await api.as(own.key).delete(`${path}/me`)).body.code).to.equal('permission_denied');
  });

  it('400, 401, 403, 404: says what is wrong with a request', async () => {
    const person = await join('member');
    expect((await asOwner.patch(at(person), {})).status).to.equal(400);
    expect((await asOwner.patch(at(person), { roles: [{ role: 'king' }] })).body.errors?.[0]?.location).to.equal('body.roles.0.role');
    // What every object of JavaScript has is no role.
    for (const role of ['constructor', 'toString', '__proto__']) {
      expect((await asOwner.patch(at(person), { roles: [{ role }] })).status).to.equal(400);
      expect((await asOwner.get(`${path}?role=${role}`)).status).to.equal(400);
    }
    expect((await api.as(null).get(path)).status).to.equal(401);
    expect((await api.as(person.accessToken).delete(at(owner))).body.code).to.equal('permission_denied');
    const foreign = await createOrganization(api.database);
    expect((await asOwner.get(`/organizations/${typeId('org', foreign.orgId)}/members`)).status).to.equal(404);
    expect((await asOwner.delete(at({ userId: foreign.ownerUserId }))).status).to.equal(404);
  });

  it('leaves everything as it was when the audit entry cannot be written', async () => {
    const person = await join('member');
    await api.asOwner((knex) => knex.raw('REVOKE INSERT ON audit_leaf FROM artisan_app'));
    try {
      expect((await asOwner.delete(at(person))).status).to.equal(500);
    } finally {
      await api.asOwner((knex) => knex.raw('GRANT INSERT ON audit_leaf TO artisan_app'));
    }
    expect((await api.as(person.accessToken).get(path)).status).to.equal(200);
  });
});
