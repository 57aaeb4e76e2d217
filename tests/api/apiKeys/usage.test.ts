import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';

interface Usage {
  since: string;
  until: string;
  first_used_at: string | null;
  last_used_at: string | null;
  last_used_ip: string | null;
  total: Record<string, number>;
  data: { day: string; operation: string; requests: number; succeeded: number; client_errors: number }[];
}

const KEYS = '/admin/api-keys';
const today = (): string => new Date().toISOString().slice(0, 10);

/** Also within WITH; a column named updated_at is none, and neither is FOR UPDATE. */
const WRITES = /\binsert\s+into\b|\bupdate\s+\S+\s+set\b|\bdelete\s+from\b|record_api_key_usage/i;

describe('api_keys.usage', () => {
  const api = useApi({ USAGE_FLUSH_SECONDS: '3600' });
  let own: TestOrganization;
  before(async () => {
    own = await createOrganization(api.database);
  });
  const make = async (scopes = ['webhook.read', 'api_key.read'] as const) => {
    const { id: uuid, key } = await createApiKey(api.database, own, { scopes });
    return { uuid, key, id: typeId('key', uuid) };
  };
  const usageOf = async (id: string, query = ''): Promise<Usage> => {
    await api.deps.keyUsage.flush();
    const { status, body } = await api.as(own.key).get<Usage>(`${KEYS}/${id}/usage${query}`);
    expect(status).to.equal(200);
    return body;
  };

  it('200: counts exactly the requests that were made, by operation and by what they were answered', async () => {
    const { key, id } = await make();
    const caller = api.as(key);
    await Promise.all([
      ...Array.from({ length: 40 }, () => caller.get('/admin/webhooks')),
      ...Array.from({ length: 7 }, () => caller.get('/admin/webhooks?limit=0')),
      ...Array.from({ length: 5 }, () => caller.get('/events')),
    ]);
    const before = await usageOf(id);
    expect(
      before.data.map(({ day, operation, requests, succeeded, client_errors: refused }) => [day, operation, requests, succeeded, refused]),
    ).to.deep.equal([
      [today(), 'webhooks.list', 47, 40, 7],
      [today(), 'events.list', 5, 0, 5],
    ]);
    expect(before.total).to.deep.equal({ requests: 52, succeeded: 40, client_errors: 12, server_errors: 0 });
    await caller.get('/admin/webhooks');
    expect((await usageOf(id)).total['requests']).to.equal(53);
  });

  it('a request that is refused for its key counts, but is no use of it', async () => {
    const { key, id, uuid } = await make();
    await api.database.system('api_keys').where({ id: uuid }).update({ disabled_at: new Date() });
    for (let i = 0; i < 3; i += 1) expect((await api.as(key).get('/admin/webhooks')).body.code).to.equal('api_key_disabled');
    const usage = await usageOf(id);
    expect([usage.total['client_errors'], usage.first_used_at, usage.last_used_at, usage.last_used_ip]).to.deep.equal([
      3,
      null,
      null,
      null,
    ]);
    await api.database.system('api_keys').where({ id: uuid }).update({ disabled_at: null });
    api.deps.authenticator.forgetAll();
    const from = Date.now();
    expect((await api.as(key).get('/admin/webhooks')).status).to.equal(200);
    const { first_used_at: first, last_used_at: last, last_used_ip: ip } = await usageOf(id);
    expect([Date.parse(first!) >= from - 1, first, ip]).to.deep.equal([true, last, '127.0.0.1']);
  });

  it('no request writes a row: a hundred of them are one statement', async () => {
    const { key } = await make();
    await api.as(key).get('/admin/webhooks');
    await api.deps.keyUsage.flush();
    const statements: string[] = [];
    const listen = ({ sql }: { sql: string }) => void statements.push(sql);
    api.deps.knex.on('query', listen);
    await Promise.all(Array.from({ length: 100 }, () => api.as(key).get('/admin/webhooks')));
    expect(statements.filter((sql) => WRITES.test(sql))).to.deep.equal([]);
    await api.deps.keyUsage.flush();
    api.deps.knex.removeListener('query', listen);
    expect(statements.filter((sql) => sql.includes('record_api_key_usage'))).to.have.length(1);
  });

  it('scope=family adds up what succeeded each other; the key alone stays apart', async () => {
    const [first, second] = [await make(), await make()];
    await api.database.system('api_keys').where({ id: second.uuid }).update({ family_id: first.uuid, predecessor_id: first.uuid });
    for (const { key } of [first, second, second]) await api.as(key).get('/admin/webhooks');
    expect((await usageOf(first.id)).total['requests']).to.equal(1);
    expect((await usageOf(first.id, '?scope=family')).total['requests']).to.equal(3);
    expect((await usageOf(second.id, '?scope=family')).total['requests']).to.equal(3);
  });

  it('a period is whole days, both ends included; one that cannot be answered is refused', async () => {
    const { uuid, id } = await make();
    const rows = ['2026-11-01', '2026-11-02', '2026-11-03'].map((day) => ({
      org_id: own.orgId,
      key_id: uuid,
      day,
      operation: 'events.list',
      status_class: 2,
      requests: 1,
    }));
    await api.database.system('api_key_usage').insert(rows);
    const { data } = await usageOf(id, '?since=2026-11-02&until=2026-11-03');
    expect(data.map(({ day }) => day)).to.deep.equal(['2026-11-03', '2026-11-02']);
    for (const query of [
      'since=2026-11-03&until=2026-11-02',
      'since=2026-01-01&until=2026-11-02',
      'since=2020-01-01&until=2020-01-02',
      'since=yesterday',
      'scope=all',
    ]) {
      expect((await api.as(own.key).get(`${KEYS}/${id}/usage?${query}`)).status, query).to.equal(400);
    }
  });

  it('401, 403, 404: without a key, without the permission, and of a key in another organization', async () => {
    const { id } = await make();
    const { key: weak } = await createApiKey(api.database, own, { scopes: ['webhook.read'] });
    const { key: foreign } = await createOrganization(api.database);
    const statuses = await Promise.all([null, weak, foreign].map(async (key) => (await api.as(key).get(`${KEYS}/${id}/usage`)).status));
    expect(statuses).to.deep.equal([401, 403, 404]);
  });
});
