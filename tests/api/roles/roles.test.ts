import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { signInMember } from '../../support/people.ts';
import { until } from '../../support/until.ts';

interface RoleBody {
  id: string | null;
  role: string;
  name: string;
  built_in: boolean;
  permissions: string[];
  members: number;
  grantable: boolean;
}

const ROLES = '/admin/roles';
const ANALYST = { name: 'Analyst', permissions: ['team.read', 'analytics.read'] };

describe('roles', () => {
  const api = useApi();
  let own: TestOrganization;
  let owner: Caller;
  let admin: Caller;
  before(async () => {
    own = await createOrganization(api.database);
    owner = api.as((await signInMember(api.database, own, ['owner'])).accessToken);
    admin = api.as((await signInMember(api.database, own, ['admin'])).accessToken);
  });

  let count = 0;
  const create = async (role: object = {}, by = owner): Promise<RoleBody> => {
    count += 1;
    const { status, body, text } = await by.post<RoleBody>(ROLES, { ...ANALYST, name: `Role ${count}`, ...role });
    expect(status, text).to.equal(201);
    return body;
  };

  it('200: lists the built-in roles first, with what each may do, who has it, and whether the caller could give it', async () => {
    const made = await create();
    const { body } = await admin.get<{ data: RoleBody[] }>(ROLES);
    expect(body.data.slice(0, 5).map(({ role }) => role)).to.deep.equal(['owner', 'admin', 'manager', 'member', 'viewer']);
    expect(body.data.map(({ grantable }) => grantable).slice(0, 2)).to.deep.equal([false, true]);
    expect(body.data[0]!.permissions).to.include.members(['organization.transfer', 'organization.delete']);
    expect(body.data[1]).to.include({ built_in: true, id: null, members: 1 });
    expect(body.data.find(({ id }) => id === made.id)).to.include({ built_in: false, members: 0, grantable: true });
    const page = await admin.get<{ data: RoleBody[]; next_cursor: string }>(`${ROLES}?limit=5`);
    const next = await admin.get<{ data: RoleBody[] }>(`${ROLES}?limit=1&cursor=${page.body.next_cursor}`);
    expect(next.body.data[0]).to.include({ built_in: false });
  });

  it('400: built-in roles and their names, permissions that only owners have and unknown ones are refused', async () => {
    expect((await owner.patch(`${ROLES}/owner`, { name: 'King' })).status).to.equal(400);
    for (const wrong of [{ name: 'Admin' }, { name: 'read_only' }, { permissions: ['organization.delete'] }, { permissions: ['*'] }]) {
      const answer = await owner.post(ROLES, { ...ANALYST, ...wrong });
      expect([answer.status, answer.body.errors?.[0]?.location.split('.')[1]]).to.deep.equal([400, Object.keys(wrong)[0]]);
    }
  });

  it('409: names differ in more than their case', async () => {
    const { name } = await create();
    expect((await owner.post(ROLES, { ...ANALYST, name: name.toUpperCase() })).body.code).to.equal('conflict');
    const other = await create();
    expect((await owner.patch(`${ROLES}/${other.id}`, { name: name.toLowerCase() })).body.code).to.equal('conflict');
    expect((await owner.patch(`${ROLES}/${other.id}`, { name: other.name.toUpperCase() })).status).to.equal(200);
  });

  it('403: nobody makes a role of what they lack, nor changes or deletes one that has more; the audit log has the refusals', async () => {
    const strong = await create({ permissions: ['audit.manage', 'team.read'] });
    const limited = api.as((await createApiKey(api.database, own, { scopes: ['user.manage_roles', 'team.read', 'lead.read'] })).key);
    const refusals = [
      await limited.post(ROLES, { ...ANALYST, permissions: ['lead.read', 'lead.delete'] }),
      await limited.patch(`${ROLES}/${strong.id}`, { permissions: ['team.read'] }),
      await limited.delete(`${ROLES}/${strong.id}`),
    ];
    expect(refusals.map(({ body }) => body.code)).to.deep.equal(Array.from({ length: 3 }, () => 'permission_denied'));
    expect(refusals[0]!.body.detail).to.contain('lead.delete').and.not.to.contain('lead.read');
    const denied: string[] = await api.database.system('audit_view').where({ org_id: own.orgId, outcome: 'denied' }).pluck('action');
    expect(denied).to.include.members(['roles.create', 'roles.update', 'roles.delete']);
    expect((await admin.get<RoleBody>(`${ROLES}/${strong.id}`)).body.permissions).to.deep.equal(['team.read', 'audit.manage']);
  });

  it('403: a plan without roles of one’s own names the one that has them', async () => {
    const starter = await createOrganization(api.database, { plan: 'starter' });
    const { status, body } = await api.as(starter.key).post(ROLES, ANALYST);
    expect([status, body.code]).to.deep.equal([403, 'plan_feature_missing']);
    expect(body['limit']).to.include({ name: 'custom_roles', plan: 'starter', upgrade_to: 'professional' });
  });

  it('401 without a credential, 404 for a role of another organization', async () => {
    expect((await api.as(null).get(ROLES)).status).to.equal(401);
    const foreign = await createOrganization(api.database);
    const { body } = await api.as(foreign.key).post<RoleBody>(ROLES, ANALYST);
    expect((await owner.delete(`${ROLES}/${body.id}`)).status).to.equal(404);
  });

  it('200: a change takes effect at once for who holds the role, in both directions', async () => {
    const role = await create({ permissions: ['analytics.read'] });
    const { accessToken } = await signInMember(api.database, own, [{ roleId: await uuidOf(role) }]);
    const holder = api.as(accessToken);
    const status = async () => (await holder.get(ROLES)).status;
    expect(await status()).to.equal(403);
    await owner.patch(`${ROLES}/${role.id}`, { permissions: ['analytics.read', 'team.read'] });
    expect(await until(status, (answer) => answer === 200, 4_000)).to.be.below(4_000);
    await owner.patch(`${ROLES}/${role.id}`, { permissions: ['analytics.read'] });
    expect(await until(status, (answer) => answer === 403, 4_000)).to.be.below(4_000);
  });

  it('409: a role in use stays, and the refusal says how many have it or are offered it; afterwards it goes', async () => {
    const role = await create();
    const roleId = await uuidOf(role);
    const people = [await signInMember(api.database, own, [{ roleId }]), await signInMember(api.database, own, ['member', { roleId }])];
    await api.database.system('membership_roles').insert({
      org_id: own.orgId,
      id: roleId,
      role_id: roleId,
      workspace_id: own.workspaceId,
      source: 'manual',
      membership_id: api.database.system('memberships').where({ user_id: people[0]!.userId }).select('id'),
    });
    const invited = { email: 'guest@acme.example', roles: [{ role: role.id }] };
    const { body: invitation } = await owner.post<{ id: string }>('/admin/users', invited);
    const refused = await owner.delete(`${ROLES}/${role.id}`);
    expect([refused.status, refused.body.code, refused.body['in_use']]).to.deep.equal([
      409,
      'role_in_use',
      { members: 2, invitations: 1, mfa_policy: false },
    ]);
    await api.database.system('membership_roles').where({ role_id: roleId }).delete();
    const path = `/organizations/${typeId('org', own.orgId)}/invitations/${invitation.id}`;
    expect((await owner.delete(path)).status).to.equal(204);
    expect((await owner.delete(`${ROLES}/${role.id}`)).status).to.equal(204);
    expect((await owner.get(`${ROLES}/${role.id}`)).status).to.equal(404);
    const actions: string[] = await api.database.system('audit_view').where({ org_id: own.orgId, target_id: role.id }).pluck('action');
    expect(actions).to.have.members(['roles.create', 'roles.delete']);
  });

  const uuidOf = ({ name }: RoleBody): Promise<string> =>
    api.database
      .system('roles')
      .where({ org_id: own.orgId, name })
      .first('id')
      .then(({ id }: { id: string }) => id);
});
