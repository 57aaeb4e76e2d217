import { expect } from 'chai';
import { withTenant } from '../../../db/tenancy.ts';
import { useApp } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { createPerson, joinOrganization } from '../../support/people.ts';
import { probeRoutes } from '../../support/probeRoutes.ts';

const ECHOES = '/api/v1/admin/echoes';

describe('auth: what a key is worth follows its owner and its organization', () => {
  const database = useDatabase();
  const app = useApp(database, { routes: probeRoutes, config: { TRUST_PROXY: 'true' } });
  let own: TestOrganization;
  beforeEach(async () => {
    own = await createOrganization(database);
  });

  const codeOf = async (key: string, headers: Record<string, string> = {}): Promise<string> => {
    const { status, json } = await app.request('GET', ECHOES, { key, headers });
    return status === 200 ? 'accepted' : json.code;
  };
  /** The first other answer within three seconds, which is before the cache would forget by itself. */
  const changeOf = async (key: string, before = 'accepted'): Promise<string> => {
    for (const until = Date.now() + 3_000; Date.now() < until;) {
      const code = await codeOf(key);
      if (code !== before) return code;
    }
    return before;
  };
  const settings = (value: object) => database.system('organizations').where({ id: own.orgId }).update({ settings: value });
  const keyOfPerson = async (role: 'admin' | 'viewer') => {
    const person = await createPerson(database);
    const membershipId = await joinOrganization(database, own, person, [role]);
    const { key } = await createApiKey(database, own, { ownerUserId: person.userId });
    return { ...person, membershipId, key };
  };
  const inTenant = (work: Parameters<typeof withTenant>[2]) => withTenant(database.app, own.orgId, work);

  it('a demotion takes from the key what it takes from its owner, at once; a promotion gives it back', async () => {
    const { key, membershipId } = await keyOfPerson('admin');
    expect(await codeOf(key)).to.equal('accepted');
    await inTenant((trx) => trx('membership_roles').where({ membership_id: membershipId }).delete());
    expect(await changeOf(key)).to.equal('permission_denied');
    const role = { org_id: own.orgId, id: own.ownerUserId, membership_id: membershipId, role: 'viewer', source: 'manual' };
    await inTenant((trx) => trx('membership_roles').insert(role));
    expect(await changeOf(key, 'permission_denied')).to.equal('accepted');
  });

  it('the key of somebody who is suspended, removed or deleted is refused at once', async () => {
    const endings: ((person: { userId: string; membershipId: string }) => Promise<unknown>)[] = [
      ({ membershipId }) => inTenant((trx) => trx('memberships').where({ id: membershipId }).update({ status: 'suspended' })),
      ({ membershipId }) => inTenant((trx) => trx('memberships').where({ id: membershipId }).delete()),
      ({ userId }) => database.system('users').where({ id: userId }).update({ deleted_at: new Date() }),
    ];
    for (const end of endings) {
      const person = await keyOfPerson('admin');
      expect(await codeOf(person.key)).to.equal('accepted');
      await end(person);
      expect(await changeOf(person.key)).to.equal('api_key_owner_inactive');
    }
  });

  it('the organization switches all keys off and on, shortens their life, and nothing is deleted', async () => {
    const { key, id } = await createApiKey(database, own);
    await database
      .system('api_keys')
      .where({ id })
      .update({ created_at: new Date(Date.now() - 10 * 86_400_000) });
    expect(await codeOf(key)).to.equal('accepted');
    await settings({ api_enabled: false });
    expect(await changeOf(key)).to.equal('api_access_disabled');
    await settings({ api_keys: { max_lifetime_days: 9 } });
    expect(await changeOf(key, 'api_access_disabled')).to.equal('api_key_policy_violation');
    await settings({ api_keys: { max_lifetime_days: 11 } });
    expect(await changeOf(key, 'api_key_policy_violation')).to.equal('accepted');
  });

  it('the lists of the key and of the organization hold for the address that a trusted proxy saw, in every spelling', async () => {
    const { key } = await createApiKey(database, own, { allowedIps: ['192.0.2.0/24', '2001:db8::/32'] });
    const from = (address: string): Promise<string> => codeOf(key, { 'x-forwarded-for': address });
    for (const inside of ['192.0.2.9', '::ffff:192.0.2.9', '2001:db8::9', '203.0.113.1, 192.0.2.9'])
      expect(await from(inside), inside).to.equal('accepted');
    for (const outside of ['203.0.113.1', '::ffff:203.0.113.1', '2001:db9::1', '192.0.2.9, 203.0.113.1', 'unknown', '192.0.2.9:443']) {
      expect(await from(outside), outside).to.equal('ip_not_allowed');
    }
    expect(await codeOf(key)).to.equal('ip_not_allowed');
    await settings({ api_keys: { allowed_ips: ['192.0.2.128/25'] } });
    const { key: other } = await createApiKey(database, own);
    expect(await codeOf(other, { 'x-forwarded-for': '192.0.2.9' })).to.equal('ip_not_allowed');
    expect(await codeOf(other, { 'x-forwarded-for': '192.0.2.129' })).to.equal('accepted');
  });

  it('refusals of a genuine key are on record with their reason and address, once a minute, and of a fake one never', async () => {
    const { key, id } = await createApiKey(database, own, { allowedIps: ['192.0.2.0/24'] });
    for (let i = 0; i < 5; i += 1) await codeOf(key, { 'x-forwarded-for': '203.0.113.1' });
    await database.system('api_keys').where({ id }).update({ disabled_at: new Date() });
    expect(await changeOf(key, 'ip_not_allowed')).to.equal('api_key_disabled');
    const entries = await inTenant((trx) => trx('audit_view').where({ outcome: 'denied' }).select('action', 'category', 'reason'));
    expect(entries).to.deep.equal(
      ['ip_not_allowed', 'api_key_disabled'].map((reason) => ({ action: 'echoes.list', category: 'authentication', reason })),
    );
  });

  it('keys that succeeded each other share one limit, and the 429 names the policy', async () => {
    const [first, second] = [
      await createApiKey(database, own, { rateLimitPerHour: 3 }),
      await createApiKey(database, own, { rateLimitPerHour: 3 }),
    ];
    await database.system('api_keys').where({ id: second.id }).update({ family_id: first.id, predecessor_id: first.id });
    for (const { key } of [first, second, first]) expect(await codeOf(key)).to.equal('accepted');
    const { status, json, headers } = await app.request('GET', ECHOES, { key: second.key });
    expect([status, json.code, json['violated-policies']]).to.deep.equal([429, 'rate_limited', ['key']]);
    expect(headers.get('ratelimit')).to.match(/^"key";r=0;t=\d+$/);
  });
});
