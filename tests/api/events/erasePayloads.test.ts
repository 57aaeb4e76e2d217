import { expect } from 'chai';
import { newId, typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { auditedChanges } from '../../support/auditedChanges.ts';
import { dumpOf } from '../../support/dump.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { useSuperuser } from '../../support/oldHistory.ts';
import { rowsOf } from '../../support/webhooks.ts';

const START = '/events/erase-payloads';

interface WireErasure {
  id: string;
  status: string;
  path: string | string[];
  finished_at: string | null;
}

describe('events.erase_payloads', () => {
  const api = useApi();
  const superuser = useSuperuser(api.database);
  let organization: TestOrganization;
  let caller: Caller;
  beforeEach(async () => {
    organization = await createOrganization(api.database);
    caller = api.as(organization.key);
  });

  const start = (path: string | string[] = 'data.email', value: unknown = 'ada@customer.example', headers: Record<string, string> = {}) =>
    caller.post<WireErasure>(START, { subject: { path, value } }, headers);

  it('202: on record and promised to the workflow; a later read agrees', async () => {
    const { status, body } = await start();
    expect(status).to.equal(202);
    expect(body).to.include({ status: 'running', path: 'data.email', examined: 0, erased: 0, finished_at: null });
    expect((await caller.get<WireErasure>(`/payload-erasures/${body.id}`)).body.id).to.equal(body.id);
  });

  it('202: the place may be named key by key, and is shown as it was sent', async () => {
    const path = ['data', 'customer.email', '*'];
    const { status, body } = await start(path);
    expect([status, body.path]).to.deep.equal([202, path]);
    expect((await caller.get<WireErasure>(`/payload-erasures/${body.id}`)).body.path).to.deep.equal(path);
  });

  it('202: who the subject is stands nowhere in the database in the clear, and not in the audit log', async () => {
    const { body } = await start('data.email', 'ada.lovelace@customer.example');
    expect(await dumpOf(superuser.knex)).not.to.contain('ada.lovelace');
    const [change] = await auditedChanges(api.database, organization.orgId, 'events.erase_payloads');
    expect(change).to.deep.equal({ erasure_id: body.id, path: 'data.email' });
  });

  it('202: a repeat with the same Idempotency-Key is the same erasure', async () => {
    const key = { 'idempotency-key': 'erase-1' };
    const first = await start('data.lead_id', 42, key);
    expect((await start('data.lead_id', 42, key)).body).to.deep.equal(first.body);
    expect(await rowsOf(api.database, organization.orgId, 'payload_erasures')).to.have.length(1);
  });

  it('400: names the field that is wrong', async () => {
    const at = async (path: unknown, value: unknown) => {
      const { status, body } = await caller.post(START, { subject: { path, value } });
      return [status, body.errors?.[0]?.location];
    };
    for (const path of ['email', 'data', 'data.', 'data..x', 'data.a\u0000', `data.${'x'.repeat(200)}`, 7]) {
      expect(await at(path, 'x'), String(path)).to.deep.equal([400, 'body.subject.path']);
    }
    for (const path of [
      [],
      ['data'],
      ['email', 'x'],
      ['data', 'a\u0000'],
      ['data', 'x'.repeat(201)],
      Array(21).fill('data'),
      ['data', 7],
    ]) {
      const [status, location] = await at(path, 'x');
      expect([status, String(location).slice(0, 17)], JSON.stringify(path)).to.deep.equal([400, 'body.subject.path']);
    }
    for (const value of ['', 'x'.repeat(501), null, true, {}, ['x'], '\ud800']) {
      expect(await at('data.email', value), JSON.stringify(value)).to.deep.equal([400, 'body.subject.value']);
    }
    expect((await caller.post(START, {})).status).to.equal(400);
  });

  it('401 and 403: starting needs privacy.request, reading privacy.read', async () => {
    const { body } = await start();
    const scoped = async (scope: 'privacy.request' | 'privacy.read') =>
      api.as((await createApiKey(api.database, organization, { scopes: [scope] })).key);
    expect((await api.as(null).post(START, {})).status).to.equal(401);
    expect((await (await scoped('privacy.read')).post(START, { subject: { path: 'data.email', value: 'x' } })).status).to.equal(403);
    expect((await (await scoped('privacy.request')).get(`/payload-erasures/${body.id}`)).status).to.equal(403);
  });

  it('404: an erasure of another organization, or of the whole one for who acts in a workspace, is one that never existed', async () => {
    const { body } = await start();
    const stranger = await createOrganization(api.database);
    const there = { 'x-workspace': typeId('wsp', organization.workspaceId) };
    const never = await caller.get(`/payload-erasures/${typeId('ers', newId())}`);
    const path = `/payload-erasures/${body.id}`;
    for (const answer of [await api.as(stranger.key).get(path), await caller.get(path, there)]) {
      expect([answer.status, { ...answer.body, request_id: '' }]).to.deep.equal([404, { ...never.body, request_id: '' }]);
    }
  });

  it('409: while ten are not finished', async () => {
    for (let n = 0; n < 10; n += 1) expect((await start('data.n', n)).status).to.equal(202);
    const { status, body } = await start('data.n', 10);
    expect([status, (body as unknown as { code: string }).code]).to.deep.equal([409, 'conflict']);
  });

  it('409: also when forty come at the same time, ten are accepted', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_none, n) => start('data.n', n)));
    const codes = answers.map(({ status }) => status);
    expect([202, 409].map((code) => codes.filter((each) => each === code).length)).to.deep.equal([10, 30]);
  });

  it('429: counts against the key’s limit like every request', async () => {
    const { key } = await createApiKey(api.database, organization, { rateLimitPerHour: 1 });
    const once = () => api.as(key).post(START, { subject: { path: 'data.email', value: 'x' } });
    expect((await once()).status).to.equal(202);
    expect((await once()).status).to.equal(429);
  });
});
