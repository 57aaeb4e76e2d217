import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { z } from 'zod';
import { newId, parseTypeId, typeId } from '../../../server/ids.ts';
import type { KeyRotationOut, RotatedApiKey } from '../../../server/http/routes/apiKeys/rotationSchemas.ts';
import { findApiKey } from '../../../services/apiKeys/find.ts';
import type { NewApiKeyInput } from '../../../services/apiKeys/create.ts';
import { rotateByPolicy } from '../../../services/apiKeys/rotation/rotateByPolicy.ts';
import { runInTenant } from '../../../services/runInTenant.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';
import { auditEntries, rowsOf } from '../../support/webhooks.ts';

type Rotated = z.output<typeof RotatedApiKey>;
type Rotation = z.output<typeof KeyRotationOut>;

describe('api_keys.rotation', () => {
  const api = useApi();
  const rotated = async (input: Partial<NewApiKeyInput> = {}, order: object = { grace_seconds: 3_600 }) => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const old = await createApiKey(api.database, organization, input);
    const path = `/admin/api-keys/${typeId('key', old.id)}`;
    const { body } = await caller.post<Rotated>(`${path}/rotate`, order);
    const change = (verb: string, fields?: object) => caller.post<Rotation>(`${path}/rotation/${verb}`, fields);
    const works = async (key: string) => (await api.as(key).get('/admin/permissions/me')).status;
    return { organization, caller, old, path, successor: body, change, works, read: () => caller.get<Rotation>(`${path}/rotation`) };
  };

  const byPolicy = (organization: TestOrganization, id: string) =>
    runInTenant(api.deps, organization.actor, async (tenant) =>
      rotateByPolicy(tenant, TEST_SECRETS.API_KEY_PEPPER, await findApiKey(tenant, id, { forChange: true })),
    );

  it('200 get: where it stands, and from where the old key was last used', async () => {
    const { old, successor, read, path, organization } = await rotated();
    const used = { last_used_at: new Date(), last_used_ip: '192.0.2.9', first_used_at: new Date() };
    await api.database.system('api_keys').where({ id: old.id }).update(used);
    const { status, body } = await read();
    expect(status).to.equal(200);
    const { old_key: oldKey, ...rest } = successor.rotation;
    expect(oldKey).to.deep.equal({ last_used_at: null, last_used_ip: null });
    expect(body).to.deep.equal({ ...rest, old_key: { last_used_at: used.last_used_at.toISOString(), last_used_ip: '192.0.2.9' } });
    const reader = await createApiKey(api.database, organization, { scopes: ['api_key.read'] });
    expect((await api.as(reader.key).get(`${path}/rotation`)).status).to.equal(200);
  });

  it('200 extend: the old key works longer, and the use of the new one ends nothing any more; never beyond 90 days', async () => {
    const { change, works, old, organization } = await rotated();
    const { status, body } = await change('extend', { grace_seconds: 86_400 });
    expect([status, body.state, body.retire_after_first_use_minutes]).to.deep.equal([200, 'overlapping', null]);
    expect(Date.parse(body.retires_at!)).to.be.closeTo(Date.now() + 86_400_000, 10_000);
    expect(body.retires_at).to.equal(body.grace_ends_at);
    expect((await change('extend', { grace_seconds: 60 })).status).to.equal(409);
    await api.database
      .system('key_rotations')
      .where({ old_key_id: old.id })
      .update({ created_at: new Date(Date.now() - 70 * 86_400_000) });
    const tooLong = await change('extend', { grace_seconds: 30 * 86_400 });
    expect([tooLong.status, (tooLong.body as unknown as { detail: string }).detail]).to.satisfy(
      ([code, detail]: [number, string]) => code === 409 && detail.includes('90 days'),
    );
    expect(await works(old.key)).to.equal(200);
    expect(await auditEntries(api.database, organization.orgId, 'api_keys.rotation.extend')).to.have.length(1);
  });

  it('200 finish: the old key is refused from the next request on; the new one may ask for it', async () => {
    const { successor, works, old, path } = await rotated({ scopes: ['api_key.rotate', 'lead.read'] });
    const { status, body } = await api.as(successor.key!).post<Rotation>(`${path}/rotation/finish`);
    expect([status, body.state, body.end_reason]).to.deep.equal([200, 'finished', 'finished_early']);
    expect([await works(old.key), await works(successor.key!)]).to.deep.equal([401, 200]);
  });

  it('200 abort: the new key is refused, the old one lives on with no end, and can be rotated again', async () => {
    const { change, works, old, successor, caller, path } = await rotated();
    const { status, body } = await change('abort');
    expect([status, body.state, body.retires_at]).to.deep.equal([200, 'aborted', null]);
    expect([await works(old.key), await works(successor.key!)]).to.deep.equal([200, 401]);
    expect((await api.as(old.key).get(path)).headers.get('sunset')).to.equal(null);
    expect((await caller.post(`${path}/rotate`)).status).to.equal(201);
  });

  it('a chain: the successor is rotated while the first grace lasts; each rotation has its own end, and the first is not aborted before the second', async () => {
    const { caller, successor, change, works, old, read } = await rotated();
    const next = `/admin/api-keys/${successor.id}`;
    const third = (await caller.post<Rotated>(`${next}/rotate`, { grace_seconds: 7_200 })).body;
    for (const key of [old.key, successor.key!, third.key!]) expect(await works(key)).to.equal(200);
    expect((await change('abort')).status).to.equal(409);
    expect((await caller.post(`${next}/rotation/abort`)).status).to.equal(200);
    expect((await change('abort')).status).to.equal(200);
    expect((await read()).body.state).to.equal('aborted');
    expect([await works(old.key), await works(successor.key!), await works(third.key!)]).to.deep.equal([200, 401, 401]);
  });

  it('a policy’s rotation: the old key picks up its successor, once; nothing of it is stored in clear, and nobody else gets it', async () => {
    const organization = await createOrganization(api.database);
    const old = await createApiKey(api.database, organization, { scopes: ['api_key.rotate', 'lead.delete'] });
    await byPolicy(organization, old.id);
    const path = `/admin/api-keys/${typeId('key', old.id)}/rotation`;
    const weak = await createApiKey(api.database, organization, { scopes: ['api_key.rotate'] });
    expect((await api.as(weak.key).post(`${path}/secret`)).status).to.equal(403);
    expect((await api.as(organization.key).get<Rotation>(path)).body.new_key.handover).to.equal('waiting');
    const { status, body, headers } = await api.as(old.key).post<Rotated>(`${path}/secret`);
    expect([status, headers.get('cache-control'), body.rotation.new_key.handover]).to.deep.equal([200, 'no-store', 'picked_up']);
    expect((await api.as(body.key!).get('/admin/permissions/me')).status).to.equal(200);
    expect((await api.as(old.key).post(`${path}/secret`)).status).to.equal(409);
    const entries = await auditEntries(api.database, organization.orgId, 'api_keys.rotation.pick_up');
    expect(entries.map(({ outcome }) => outcome)).to.deep.equal(['denied', 'success']);
  });

  it('409: a policy’s successor that was revoked before anybody picked it up is not handed out', async () => {
    const organization = await createOrganization(api.database);
    const old = await createApiKey(api.database, organization);
    await byPolicy(organization, old.id);
    const path = `/admin/api-keys/${typeId('key', old.id)}/rotation`;
    const caller = api.as(organization.key);
    await caller.delete(`/admin/api-keys/${(await caller.get<Rotation>(path)).body.successor_id}`);
    expect((await caller.post(`${path}/secret`)).status).to.equal(409);
  });

  it('403: an old key that somebody else replaced prolongs its own life by nothing; what it began itself it takes back', async () => {
    const { old, path, successor, works } = await rotated({ scopes: ['api_key.rotate', 'lead.read'] });
    const thief = api.as(old.key);
    expect((await thief.post(`${path}/rotation/extend`, { grace_seconds: 86_400 })).status).to.equal(403);
    expect((await thief.post(`${path}/rotation/abort`)).status).to.equal(403);
    expect(await works(successor.key!)).to.equal(200);
    const next = (await api.as(successor.key!).post<Rotated>(`/admin/api-keys/${successor.id}/rotate`, { grace_seconds: 60 })).body;
    const own = `/admin/api-keys/${next.predecessor_id}/rotation`;
    const successorId = parseTypeId('key', successor.id);
    expect((await api.as(successor.key!).post(`${own}/extend`, { grace_seconds: 3_600 })).status).to.equal(200);
    const inUse = (first_used_at: Date | null) =>
      api.database.system('api_keys').where({ predecessor_id: successorId }).update({ first_used_at });
    await inUse(new Date());
    expect((await api.as(successor.key!).post(`${own}/abort`)).status).to.equal(403);
    await inUse(null);
    expect((await api.as(successor.key!).post(`${own}/abort`)).status).to.equal(200);
  });

  it('403: a key that was restricted after the policy replaced it does not pick up a successor that may do more', async () => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    for (const restriction of [{ scopes: ['api_key.rotate'] }, { allowed_ips: ['127.0.0.1/32', '::1/128'] }]) {
      const old = await createApiKey(api.database, organization, { scopes: ['api_key.rotate', 'lead.delete'] });
      await byPolicy(organization, old.id);
      const path = `/admin/api-keys/${typeId('key', old.id)}`;
      expect((await caller.patch(path, restriction)).status).to.equal(200);
      expect((await api.as(old.key).post(`${path}/rotation/secret`)).status).to.equal(403);
      expect((await caller.post(`${path}/rotation/secret`)).status).to.equal(200);
    }
  });

  it('400, 401 and 403: an extension of no length, no credentials, and a key that could not have rotated it', async () => {
    const { change, organization, path } = await rotated({ scopes: ['lead.read', 'lead.delete'] });
    for (const body of [{}, { grace_seconds: 0 }, { grace_seconds: 2_592_001 }, { until: 'tomorrow' }]) {
      expect((await change('extend', body)).status).to.equal(400);
    }
    const weak = await createApiKey(api.database, organization, { scopes: ['api_key.rotate', 'api_key.read'] });
    for (const verb of ['extend', 'finish', 'abort', 'secret']) {
      const body = verb === 'extend' ? { grace_seconds: 86_400 } : undefined;
      expect((await api.as(null).post(`${path}/rotation/${verb}`, body)).status).to.equal(401);
      expect((await api.as(weak.key).post(`${path}/rotation/${verb}`, body)).status).to.equal(403);
    }
  });

  it('404 and 409: a key that was never rotated, a stranger’s, and a rotation that is over', async () => {
    const { change, organization, caller, path } = await rotated();
    const plain = await createApiKey(api.database, organization);
    expect((await caller.get(`/admin/api-keys/${typeId('key', plain.id)}/rotation`)).status).to.equal(404);
    expect((await caller.get(`/admin/api-keys/${typeId('key', newId())}/rotation`)).status).to.equal(404);
    const stranger = api.as((await createOrganization(api.database)).key);
    for (const verb of ['finish', 'abort', 'secret']) expect((await stranger.post(`${path}/rotation/${verb}`)).status).to.equal(404);
    expect((await change('finish')).status).to.equal(200);
    for (const verb of ['finish', 'abort', 'secret']) expect((await change(verb)).status).to.equal(409);
    expect((await change('extend', { grace_seconds: 86_400 })).status).to.equal(409);
  });

  it('the workflow is started and told of each change: no promise is left', async () => {
    const { change, organization, old } = await rotated();
    await change('finish');
    for (let left = -1; left !== 0; await sleep(20)) left = (await rowsOf(api.database, organization.orgId, 'outbox')).length;
    const id = `keyRotation:${typeId('org', organization.orgId)}:${typeId('key', old.id)}`;
    const { status } = await api.deps.temporal.workflow.getHandle(id).describe();
    expect(status.name).to.equal('RUNNING');
    await api.deps.temporal.workflow.getHandle(id).terminate();
  });
});
