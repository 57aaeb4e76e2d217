import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { signInMember } from '../../support/people.ts';
import { auditEntries, newWebhook, rowsOf, uuidOf } from '../../support/webhooks.ts';
import type { WirePage } from '../../support/webhooks.ts';

interface WireWorkspace {
  id: string;
  name: string;
  created_at: string;
}

describe('workspaces', function () {
  this.timeout(10_000);
  const api = useApi();
  const acme = async (plan = 'enterprise') => {
    const organization = await createOrganization(api.database, { plan });
    const caller = api.as(organization.key);
    const path = `/organizations/${typeId('org', organization.orgId)}/workspaces`;
    const make = async (name: string) => (await caller.post<WireWorkspace>(path, { name })).body;
    return { ...organization, caller, path, make };
  };

  it('are made, listed, renamed and read, each change with its audit entry', async () => {
    const { caller, path, make, orgId } = await acme();
    const { id } = await make('Sales');
    await caller.patch(`${path}/${id}`, { name: 'Sales EMEA' });
    expect((await caller.get<WireWorkspace>(`${path}/${id}`)).body).to.include({ id, name: 'Sales EMEA' });
    const { body } = await caller.get<WirePage<WireWorkspace>>(path);
    expect(body.data.map(({ name }) => name)).to.deep.equal(['Default', 'Sales EMEA']);
    for (const action of ['workspaces.create', 'workspaces.update'])
      expect(await auditEntries(api.database, orgId, action)).to.have.length(1);
  });

  it('a credential that is bound to one sees that one only, and makes and deletes none', async () => {
    const { path, make, workspaceId, ...organization } = await acme();
    const other = await make('Other');
    const bound = api.as((await createApiKey(api.database, { ...organization, workspaceId }, { workspaceId })).key);
    expect((await bound.get<WirePage<WireWorkspace>>(path)).body.data.map(({ id }) => id)).to.deep.equal([typeId('wsp', workspaceId)]);
    expect((await bound.get(`${path}/${other.id}`)).status).to.equal(404);
    expect((await bound.post(path, { name: 'x' })).body.code).to.equal('permission_denied');
    expect((await bound.delete(`${path}/${typeId('wsp', workspaceId)}`)).body.code).to.equal('permission_denied');
  });

  it('403: a viewer reads and changes nothing', async () => {
    const { path, workspaceId, ...organization } = await acme();
    const viewer = api.as((await signInMember(api.database, { ...organization, workspaceId }, ['viewer'])).accessToken);
    expect((await viewer.get(path)).status).to.equal(200);
    for (const answer of [await viewer.post(path, { name: 'x' }), await viewer.delete(`${path}/${typeId('wsp', workspaceId)}`)])
      expect(answer.status).to.equal(403);
  });

  it('402: the free plan has one workspace, which cannot be deleted: the way on is the plan that has more', async () => {
    const { caller, path } = await acme('free');
    const { status, body } = await caller.post(path, { name: 'Second' });
    expect([status, body.code]).to.deep.equal([402, 'plan_limit_reached']);
    expect(body.detail).to.equal('The free plan has 1 workspace, and 1 is in use. Move to the starter plan, which has 3.');
  });

  it('402: of fifty made at once for the last place exactly one is', async () => {
    const { caller, path, orgId, make } = await acme('starter');
    await make('Second');
    const answers = await Promise.all(Array.from({ length: 50 }, (_none, n) => caller.post(path, { name: `W${n}` })));
    expect(answers.filter(({ status }) => status === 201)).to.have.length(1);
    expect(answers.filter(({ status }) => status === 402)).to.have.length(49);
    expect(await rowsOf(api.database, orgId, 'workspaces')).to.have.length(3);
    const refused = answers.find(({ status }) => status === 402)!.body as unknown as { limit: object };
    expect(refused.limit).to.deep.equal({ name: 'workspaces', limit: 3, used: 3, plan: 'starter', upgrade_to: 'professional' });
  });

  it('402: the last endpoint goes to exactly one of fifty, too', async () => {
    const { caller, orgId } = await acme('free');
    await newWebhook(caller);
    const hook = { name: 'CRM', url: 'http://127.0.0.1:9/', events: ['*'] };
    const answers = await Promise.all(Array.from({ length: 50 }, () => caller.post('/admin/webhooks', hook)));
    expect(answers.filter(({ status }) => status === 201)).to.have.length(1);
    expect(await rowsOf(api.database, orgId, 'webhook_endpoints')).to.have.length(2);
  });

  describe('delete', () => {
    it('204 when nothing is bound to it; a deleted one is 404 and makes room; the last one stays', async () => {
      const { caller, path, make, workspaceId } = await acme('starter');
      const { id } = await make('Gone');
      await make('Third');
      expect((await caller.delete(`${path}/${id}`)).status).to.equal(204);
      expect((await caller.get(`${path}/${id}`)).status).to.equal(404);
      expect((await caller.post(path, { name: 'Again' })).status).to.equal(201);
      const single = await acme();
      expect((await single.caller.delete(`${single.path}/${typeId('wsp', single.workspaceId)}`)).body.code).to.equal('conflict');
      expect((await caller.delete(`${path}/${typeId('wsp', workspaceId)}`)).status).to.equal(204);
    });

    it('409 while endpoints or keys are bound to it; with force they go with it, and roles there grant nothing', async () => {
      const { caller, path, make, ...organization } = await acme();
      const { id } = await make('Bound');
      const workspaceId = uuidOf('wsp', id);
      const webhook = await newWebhook(caller, { workspace_id: id });
      const key = await createApiKey(api.database, organization, { workspaceId });
      await signInMember(api.database, organization, [{ role: 'manager', workspaceId }]);
      const refused = await caller.delete(`${path}/${id}`);
      expect([refused.status, refused.body.code]).to.deep.equal([409, 'conflict']);
      expect((await caller.delete(`${path}/${id}?force=true`)).status).to.equal(204);
      expect((await caller.get(`/admin/webhooks/${webhook.id}`)).status).to.equal(404);
      expect((await api.as(key.key).get(path)).body.code).to.equal('api_key_revoked');
      expect(await rowsOf(api.database, organization.orgId, 'membership_roles', { workspace_id: workspaceId })).to.deep.equal([]);
    });

    it('while something is being bound to it, deleting waits and then refuses', async () => {
      const { caller, path, make } = await acme();
      const { id } = await make('Raced');
      const answers = await Promise.all([
        caller.post('/admin/webhooks', { name: 'CRM', url: 'http://127.0.0.1:9/', events: ['*'], workspace_id: id }),
        caller.delete(`${path}/${id}`),
      ]);
      const [made, deleted] = answers.map(({ status }) => status);
      expect([
        [201, 409],
        [400, 204],
      ]).to.deep.include([made, deleted]);
    });
  });
});
