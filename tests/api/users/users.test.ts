import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { signInMember } from '../../support/people.ts';
import { until } from '../../support/until.ts';

interface UserBody {
  user_id: string;
  status: string;
  roles: { role: string }[];
}

describe('users', () => {
  const api = useApi();
  let own: TestOrganization;
  before(async () => {
    own = await createOrganization(api.database);
  });
  const at = ({ userId }: { userId: string }): string => `/admin/users/${typeId('usr', userId)}`;

  it('200: lists, reads and replaces status and roles of the people of the organization', async () => {
    const owner = api.as((await signInMember(api.database, own, ['owner'])).accessToken);
    const person = await signInMember(api.database, own, ['member']);
    const { body } = await owner.get<{ data: UserBody[] }>('/admin/users?role=member');
    expect(body.data.map(({ user_id }) => user_id)).to.deep.equal([typeId('usr', person.userId)]);
    const put = await owner.put<UserBody>(at(person), { status: 'suspended', roles: [{ role: 'manager' }, { role: 'read_only' }] });
    expect(put.body.roles.map(({ role }) => role)).to.have.members(['manager', 'viewer']);
    expect((await owner.get<UserBody>(at(person))).body).to.deep.equal(put.body);
    const audited: unknown = await api.database
      .system('audit_view')
      .where({ org_id: own.orgId, action: 'users.update' })
      .first('category', 'target_id');
    expect(audited).to.deep.equal({ category: 'user_management', target_id: typeId('usr', person.userId) });
  });

  it('201: adding somebody invites them, within the ceiling, once, and with a mail; a member is a conflict', async () => {
    const admin = api.as((await signInMember(api.database, own, ['admin'])).accessToken);
    const invited = { email: 'New@Acme.example', roles: [{ role: 'manager' }] };
    const { status, body } = await admin.post<{ id: string; email: string; status: string }>('/admin/users', invited, {
      'idempotency-key': 'add',
    });
    expect([status, body.email, body.status]).to.deep.equal([201, 'new@acme.example', 'pending']);
    expect((await admin.post<{ id: string }>('/admin/users', invited, { 'idempotency-key': 'add' })).body.id).to.equal(body.id);
    expect((await admin.post('/admin/users', invited)).body.code).to.equal('conflict');
    expect((await admin.post('/admin/users', { email: 'king@acme.example', roles: [{ role: 'owner' }] })).body.code).to.equal(
      'permission_denied',
    );
    const member = await signInMember(api.database, own);
    expect((await admin.post('/admin/users', { email: member.email, roles: [{ role: 'member' }] })).body.code).to.equal('conflict');
    const action: unknown = await api.database
      .system('audit_view')
      .where({ org_id: own.orgId, target_id: body.id })
      .first('action', 'outcome');
    expect(action).to.deep.equal({ action: 'users.create', outcome: 'success' });
  });

  it('403: a change of roles takes user.manage_roles as well; the same roles do not', async () => {
    const person = await signInMember(api.database, own, ['member']);
    const scopes = [
      'user.update',
      'campaign.read',
      'campaign.create',
      'campaign.update',
      'lead.read',
      'lead.create',
      'lead.update',
    ] as const;
    const rest = ['organization.read', 'team.read', 'analytics.read', 'flow.read', 'flow.run', 'event.publish'] as const;
    const limited = api.as((await createApiKey(api.database, own, { scopes: [...scopes, ...rest] })).key);
    const put = (status: string, roles: object[]) => limited.put<UserBody>(at(person), { status, roles });
    expect((await put('suspended', [{ role: 'member' }])).body.status).to.equal('suspended');
    const refused = await limited.put(at(person), { status: 'active', roles: [] });
    expect([refused.status, refused.body.detail]).to.satisfy(
      ([status, detail]: [number, string]) => status === 403 && detail.includes('user.manage_roles'),
    );
    expect((await put('suspended', [{ role: 'member' }])).body.roles).to.have.length(1);
  });

  it('204: a removal ends the access, and the person is not found any more', async () => {
    const admin = api.as((await signInMember(api.database, own, ['admin'])).accessToken);
    const person = await signInMember(api.database, own, ['member']);
    expect((await admin.delete(at(person))).status).to.equal(204);
    expect((await admin.get(at(person))).status).to.equal(404);
    await until(
      async () => (await api.as(person.accessToken).get('/admin/roles')).status,
      (status) => status === 403,
      4_000,
    );
    expect((await api.as(person.accessToken).get('/admin/users')).status).to.equal(403);
  });
});
