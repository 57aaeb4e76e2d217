import { expect } from 'chai';
import { newId, typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import type { Answer, Caller } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { signInMember } from '../../support/people.ts';
import type { TestSession } from '../../support/people.ts';
import { createWorkspace } from '../../support/workspaces.ts';

interface Me {
  credential: string;
  workspace_id: string | null;
  user_id: string | null;
  api_key_id: string | null;
  permissions: string[];
  roles: { role: string; workspace_id: string | null }[];
  scopes: string[] | null;
}

const ME = '/admin/permissions/me';

describe('roles in workspaces', () => {
  const api = useApi();
  let own: TestOrganization;
  let asOwner: Caller;
  let here: string;
  let there: string;
  let members: (workspace: string) => string;
  before(async () => {
    own = await createOrganization(api.database);
    asOwner = api.as((await signInMember(api.database, own, ['owner'])).accessToken);
    const other = await createWorkspace(api.database, own.orgId);
    [here, there] = [typeId('wsp', own.workspaceId), typeId('wsp', other)];
    members = (workspace) => `/organizations/${typeId('org', own.orgId)}/workspaces/${workspace}/members`;
  });
  const inWorkspace = (workspace: string) => ({ 'x-workspace': workspace });
  const me = async (caller: Caller, headers: Record<string, string> = {}): Promise<Me> => (await caller.get<Me>(ME, headers)).body;
  const at = (workspace: string, { userId }: TestSession): string => `${members(workspace)}/${typeId('usr', userId)}`;

  it('count in their workspace only, beside those in the whole organization', async () => {
    const person = await signInMember(api.database, own, ['member', { role: 'manager', workspaceId: own.workspaceId }]);
    const caller = api.as(person.accessToken);
    const [everywhere, inside, outside] = [await me(caller), await me(caller, inWorkspace(here)), await me(caller, inWorkspace(there))];
    expect(everywhere.permissions).to.include('lead.create').and.not.include('lead.delete');
    expect(inside.permissions).to.include.members(['lead.create', 'lead.delete', 'webhook.read']);
    expect(outside.permissions).to.deep.equal(everywhere.permissions);
    expect([everywhere, inside, outside].map(({ workspace_id }) => workspace_id)).to.deep.equal([null, here, there]);
    expect([everywhere, inside, outside].map(({ roles }) => roles.length)).to.deep.equal([1, 2, 1]);
    expect((await caller.get('/admin/webhooks')).status).to.equal(403);
    expect((await caller.get('/admin/webhooks', inWorkspace(here))).status).to.equal(200);
    expect((await caller.get('/admin/webhooks', inWorkspace(there))).status).to.equal(403);
  });

  it('reach nothing of what is the whole organization’s, not even as admin of the workspace', async () => {
    const person = await signInMember(api.database, own, [{ role: 'admin', workspaceId: own.workspaceId }]);
    const caller = api.as(person.accessToken);
    expect((await me(caller)).permissions).to.deep.equal([]);
    const { permissions } = await me(caller, inWorkspace(here));
    expect(permissions).to.include.members(['team.manage_members', 'webhook.write', 'api_key.create']);
    expect(
      permissions.filter((name) => /^(user|audit|privacy|system)\.|^organization\.(?!read)|^team\.(create|update|delete)/.test(name)),
    ).to.deep.equal([]);
    const role = { name: 'Mine', permissions: ['lead.read'] };
    expect((await caller.post('/admin/roles', role, inWorkspace(here))).status).to.equal(403);
    expect((await asOwner.post('/admin/roles', role, inWorkspace(here))).status).to.equal(403);
    const type = { name: 'invoice.paid', schema: { type: 'object', required: ['amount'] } };
    expect((await caller.post('/admin/event-types', type, inWorkspace(here))).status, 'every workspace publishes by it').to.equal(403);
    expect(
      (
        await caller.put(
          `/organizations/${typeId('org', own.orgId)}/members/${typeId('usr', person.userId)}/roles`,
          { roles: [{ role: 'member' }] },
          inWorkspace(here),
        )
      ).status,
    ).to.equal(403);
  });

  it('400: a workspace of others, one that never existed, one without a role and what is no id are answered alike', async () => {
    const foreign = await createOrganization(api.database);
    const person = await signInMember(api.database, own, [{ role: 'admin', workspaceId: own.workspaceId }]);
    const named = [typeId('wsp', foreign.workspaceId), typeId('wsp', newId()), there, 'wsp_1', ''];
    const bodyOf = ({ status, body }: Answer<object>) => ({ status, ...body, request_id: null });
    const answers: Answer<object>[] = [];
    for (const workspace of named) answers.push(await api.as(person.accessToken).get(ME, inWorkspace(workspace)));
    for (const answer of answers) expect(bodyOf(answer)).to.deep.equal(bodyOf(answers[0]!));
    expect(answers[0]).to.have.property('status', 400);
    expect((await asOwner.get(ME, inWorkspace(there))).status).to.equal(200);
  });

  it('are given and taken by who manages the workspace, there and nowhere else', async () => {
    const boss = await signInMember(api.database, own, [{ role: 'manager', workspaceId: own.workspaceId }]);
    const person = await signInMember(api.database, own, ['member', { role: 'viewer', workspaceId: own.workspaceId }]);
    const elsewhere = await signInMember(api.database, own, [{ role: 'member', workspaceId: own.workspaceId }]);
    const caller = api.as(boss.accessToken);
    const put = (workspace: string, roles: string[]) =>
      caller.put<{ roles: { role: string; workspace_id: string | null }[] }>(at(workspace, person), { roles }, inWorkspace(here));
    expect((await put(here, ['member'])).status, 'a viewer reads what a manager does not').to.equal(403);
    await asOwner.put(at(here, person), { roles: [] });
    const { body } = await put(here, ['manager']);
    expect(body.roles.map(({ role, workspace_id }) => [role, workspace_id])).to.deep.equal([
      ['member', null],
      ['manager', here],
    ]);
    expect((await put(here, ['admin'])).status).to.equal(403);
    expect((await put(here, ['owner'])).status).to.equal(400);
    expect((await put(there, ['member'])).status).to.equal(404);
    const listed = await caller.get<{ data: { user_id: string }[] }>(members(here), inWorkspace(here));
    const ids = listed.body.data.map(({ user_id }) => user_id);
    expect(ids.slice(0, 3)).to.deep.equal([elsewhere, person, boss].map(({ userId }) => typeId('usr', userId)));
    expect((await caller.delete(at(here, person), inWorkspace(here))).status).to.equal(204);
    expect((await me(api.as(person.accessToken), inWorkspace(here))).roles.map(({ role }) => role)).to.deep.equal(['member']);
    const all = await caller.get<{ data: { user_id: string }[] }>(`/organizations/${typeId('org', own.orgId)}/members`, inWorkspace(here));
    expect(all.body.data.length).to.be.greaterThan(listed.body.data.length);
  });

  it('narrow a key down too; one that is bound to a workspace cannot name another', async () => {
    const [wide, bound] = [await createApiKey(api.database, own), await createApiKey(api.database, own, { workspaceId: own.workspaceId })];
    expect(await me(api.as(wide.key), inWorkspace(here))).to.include({ credential: 'api_key', workspace_id: here, user_id: null });
    expect(await me(api.as(bound.key), inWorkspace(here))).to.include({ workspace_id: here, api_key_id: typeId('key', bound.id) });
    expect((await api.as(bound.key).get(ME, inWorkspace(there))).status).to.equal(400);
  });

  it('400: nothing is made in a workspace that was deleted a moment ago, though a process may remember it', async () => {
    const gone = await createWorkspace(api.database, own.orgId);
    const header = inWorkspace(typeId('wsp', gone));
    expect((await asOwner.get('/admin/webhooks', header)).status).to.equal(200);
    await api.database.system('workspaces').where({ id: gone }).update({ deleted_at: new Date() });
    const webhook = { name: 'Receiver', url: 'http://127.0.0.1:9/', events: ['lead.created'] };
    expect((await asOwner.post('/admin/webhooks', webhook, header)).status).to.equal(400);
  });

  it('422: the same Idempotency-Key in another workspace is another request', async () => {
    const webhook = { name: 'Receiver', url: 'http://127.0.0.1:9/', events: ['lead.created'] };
    const create = (workspace: string) =>
      asOwner.post('/admin/webhooks', webhook, { ...inWorkspace(workspace), 'idempotency-key': 'once' });
    expect([(await create(here)).status, (await create(here)).status]).to.deep.equal([201, 201]);
    expect((await create(there)).body.code).to.equal('idempotency_mismatch');
  });

  it('200: every credential may ask what it may do; a person’s key may what both the key and the person may', async () => {
    const person = await signInMember(api.database, own, ['manager']);
    const key = await createApiKey(api.database, own, { ownerUserId: person.userId, scopes: ['lead.read', 'audit.read'] });
    const mine = await me(api.as(key.key));
    expect(mine).to.deep.include({
      credential: 'api_key',
      user_id: typeId('usr', person.userId),
      permissions: ['lead.read'],
      scopes: ['lead.read', 'audit.read'],
    });
    expect(mine.roles.map(({ role }) => role)).to.deep.equal(['manager']);
    const none = await createApiKey(api.database, own, { scopes: [] });
    expect(await me(api.as(none.key))).to.deep.include({ permissions: [], roles: [], scopes: [] });
    const { body } = await api
      .as(none.key)
      .get<{ data: { permission: string; held: boolean; built_in_roles: string[] }[] }>('/admin/permissions');
    expect(body.data.find(({ permission }) => permission === 'organization.delete')).to.deep.include({
      held: false,
      built_in_roles: ['owner'],
    });
    expect((await api.as(null).get(ME)).status).to.equal(401);
  });
});
