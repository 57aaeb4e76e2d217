import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';

interface Shown {
  id: string;
  name: string;
  status: string;
  scopes: string[];
  expires_at: string | null;
  disabled_reason: string | null;
}

const KEYS = '/admin/api-keys';
const WEBHOOKS = '/admin/webhooks';
const ago = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

describe('API keys: change, disable, revoke, list', () => {
  const api = useApi();
  let own: TestOrganization;
  before(async () => {
    own = await createOrganization(api.database);
  });
  const make = async (changes: Record<string, unknown> = {}) => {
    const { id: uuid, key } = await createApiKey(api.database, own, { scopes: ['webhook.read', 'api_key.read'] });
    if (Object.keys(changes).length > 0) await api.database.system('api_keys').where({ id: uuid }).update(changes);
    return { uuid, key, id: typeId('key', uuid) };
  };
  /** What a request with the key is answered as soon as the notification has arrived. */
  const settled = async (key: string, expected: string): Promise<string> => {
    let code = '';
    for (const until = Date.now() + 2_000; Date.now() < until && code !== expected;) {
      const { status, body } = await api.as(key).get(WEBHOOKS);
      code = status === 200 ? 'accepted' : body.code;
    }
    return code;
  };

  it('200: what changes counts for the next requests; what is absent stays', async () => {
    const { id, key } = await make();
    expect(await settled(key, 'accepted')).to.equal('accepted');
    const { status, body } = await api.as(own.key).patch<Shown>(`${KEYS}/${id}`, { name: 'Renamed', scopes: ['lead.read'] });
    expect([status, body.name, body.scopes]).to.deep.equal([200, 'Renamed', ['lead.read']]);
    expect(await settled(key, 'permission_denied')).to.equal('permission_denied');
    const next = await api
      .as(own.key)
      .patch<Shown>(`${KEYS}/${id}`, { allowed_ips: ['192.0.2.0/24'], expires_at: new Date(Date.now() + 3_600_000).toISOString() });
    expect([next.body.name, next.body.scopes]).to.deep.equal(['Renamed', ['lead.read']]);
    expect(await settled(key, 'ip_not_allowed')).to.equal('ip_not_allowed');
  });

  it('403: whoever lacks a scope of a key can neither change it nor enable it, but end it', async () => {
    const { id } = await make();
    const weaker = await createApiKey(api.database, own, { scopes: ['api_key.create', 'api_key.revoke', 'webhook.read'] });
    const caller = api.as(weaker.key);
    expect((await caller.patch(`${KEYS}/${id}`, { allowed_ips: [] })).status).to.equal(403);
    expect((await caller.patch(`${KEYS}/${id}`, { allowed_ips: [], scopes: ['webhook.read'] })).status).to.equal(403);
    expect((await caller.post(`${KEYS}/${id}/disable`)).status).to.equal(200);
    expect((await caller.post(`${KEYS}/${id}/enable`)).status).to.equal(403);
    expect((await caller.delete(`${KEYS}/${id}`)).status).to.equal(204);
  });

  it('400: an expiry beyond the policy, counted from when the key was made; nothing to change', async () => {
    const { id } = await make({ created_at: ago(60 * 24 * 365) });
    const { status, body } = await api
      .as(own.key)
      .patch(`${KEYS}/${id}`, { expires_at: new Date(Date.now() + 2 * 86_400_000).toISOString() });
    expect([status, body.errors?.[0]?.location]).to.deep.equal([400, 'body.expires_at']);
    expect((await api.as(own.key).patch(`${KEYS}/${id}`, {})).status).to.equal(400);
    expect((await api.as(own.key).patch(`${KEYS}/${id}`, { owner: 'user' })).status).to.equal(400);
  });

  it('disable and enable: refused at once, accepted again, and repeating changes nothing', async () => {
    const { id, key } = await make();
    expect(await settled(key, 'accepted')).to.equal('accepted');
    for (let i = 0; i < 2; i += 1) {
      const { status, body } = await api.as(own.key).post<Shown>(`${KEYS}/${id}/disable`);
      expect([status, body.status, body.disabled_reason]).to.deep.equal([200, 'disabled', 'manual']);
    }
    expect(await settled(key, 'api_key_disabled')).to.equal('api_key_disabled');
    for (let i = 0; i < 2; i += 1) expect((await api.as(own.key).post<Shown>(`${KEYS}/${id}/enable`)).body.status).to.equal('active');
    expect(await settled(key, 'accepted')).to.equal('accepted');
  });

  it('revoke: for good, and the row stays; it can neither be enabled nor changed any more', async () => {
    const { id, key } = await make();
    for (let i = 0; i < 2; i += 1) expect((await api.as(own.key).delete(`${KEYS}/${id}`)).status).to.equal(204);
    expect(await settled(key, 'api_key_revoked')).to.equal('api_key_revoked');
    expect((await api.as(own.key).get<Shown>(`${KEYS}/${id}`)).body.status).to.equal('revoked');
    const answers = await Promise.all([
      api.as(own.key).post(`${KEYS}/${id}/enable`),
      api.as(own.key).post(`${KEYS}/${id}/disable`),
      api.as(own.key).patch(`${KEYS}/${id}`, { name: 'x' }),
    ]);
    expect(answers.map(({ status, body }) => [status, body.code])).to.deep.equal(Array(3).fill([409, 'conflict']));
  });

  it('a key may revoke itself', async () => {
    const { id: uuid, key } = await createApiKey(api.database, own, { scopes: ['api_key.revoke', 'webhook.read'] });
    expect((await api.as(key).delete(`${KEYS}/${typeId('key', uuid)}`)).status).to.equal(204);
    expect(await settled(key, 'api_key_revoked')).to.equal('api_key_revoked');
  });

  it('the list shows each key with the state that a request would meet, and finds it by that state', async () => {
    const person = { owner_type: 'user', owner_user_id: (await createOrganization(api.database)).ownerUserId };
    const later = new Date(Date.now() + 3_600_000);
    const states: Record<string, Record<string, unknown>> = {
      revoked: { revoked_at: ago(1), disabled_at: ago(1) },
      disabled: { disabled_at: ago(1), expires_at: ago(1) },
      retired: { retires_at: ago(1), expires_at: ago(1) },
      expired: { expires_at: ago(1) },
      orphaned: person,
      blocked: { created_at: ago(60 * 24 * 367) },
      retiring: { retires_at: later },
      active: { expires_at: later },
    };
    const codes = { orphaned: 'api_key_owner_inactive', blocked: 'api_key_policy_violation', retiring: 'accepted', active: 'accepted' };
    for (const [status, changes] of Object.entries(states)) {
      const { id, key } = await make(changes);
      expect((await api.as(own.key).get<Shown>(`${KEYS}/${id}`)).body.status).to.equal(status);
      const { body: list } = await api.as(own.key).get<{ data: Shown[] }>(`${KEYS}?status=${status}&limit=200`);
      expect(list.data.map((each) => each.id)).to.include(id);
      expect([...new Set(list.data.map((each) => each.status))]).to.deep.equal([status]);
      expect(await settled(key, codes[status as keyof typeof codes] ?? `api_key_${status}`)).to.equal(
        codes[status as keyof typeof codes] ?? `api_key_${status}`,
      );
    }
  });

  it('the list goes on where the page ended, and a cursor is worth nothing with other filters', async () => {
    const caller = api.as(own.key);
    const { body: whole } = await caller.get<{ data: Shown[] }>(`${KEYS}?limit=200&owner=organization`);
    const ids: string[] = [];
    let cursor = '';
    do {
      const { body } = await caller.get<{ data: Shown[]; next_cursor: string | null }>(`${KEYS}?limit=3&owner=organization${cursor}`);
      ids.push(...body.data.map(({ id }) => id));
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
    } while (cursor !== '');
    expect(ids).to.deep.equal(whole.data.map(({ id }) => id));
    const { body: first } = await caller.get<{ next_cursor: string }>(`${KEYS}?limit=1`);
    expect((await caller.get(`${KEYS}?limit=1&owner=user&cursor=${first.next_cursor}`)).body.code).to.equal('invalid_cursor');
  });
});
