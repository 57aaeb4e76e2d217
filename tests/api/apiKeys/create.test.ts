import { expect } from 'chai';
import { withTenant } from '../../../db/tenancy.ts';
import { newId, typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { signInMember } from '../../support/people.ts';

interface Created {
  id: string;
  key?: string;
  key_redacted?: string;
  prefix: string;
  last4: string;
  scopes: string[];
  status: string;
  owner: string;
  owner_user_id: string | null;
  workspace_id: string | null;
  expires_at: string;
  allowed_ips: string[];
  rate_limit_per_hour: number | null;
}

const KEYS = '/admin/api-keys';
const days = (count: number): string => new Date(Date.now() + count * 86_400_000).toISOString();

describe('api_keys.create', () => {
  const api = useApi();
  let own: TestOrganization;
  before(async () => {
    own = await createOrganization(api.database, { plan: 'starter' });
  });
  const create = (body: object, key = own.key) => api.as(key).post<Created>(KEYS, { name: 'Export', scopes: ['lead.read'], ...body });
  const faults = async (body: object): Promise<unknown> => {
    const { status, body: problem } = await api.as(own.key).post(KEYS, { name: 'Export', scopes: ['lead.read'], ...body });
    return [status, problem.errors?.map(({ location }) => location)];
  };

  it('201: the key is shown once, works at once, and no later read has it or its digest', async () => {
    const { status, headers, body } = await create({ scopes: ['api_key.read'] });
    expect([status, headers.get('cache-control'), body.status, body.owner, body.workspace_id]).to.deep.equal([
      201,
      'no-store',
      'active',
      'organization',
      null,
    ]);
    expect(body.key).to.match(/^sk_live_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/);
    expect([body.key!.slice(0, 12), body.key!.slice(-4)]).to.deep.equal([body.prefix, body.last4]);
    const read = await api.as(body.key!).get(`${KEYS}/${body.id}`);
    const list = await api.as(body.key!).get(KEYS);
    expect([read.status, list.status]).to.deep.equal([200, 200]);
    for (const text of [read.text, list.text]) expect(text).to.not.match(/digest|sk_live_\w{20}/);
  });

  it('201: a test key says so; its list of addresses comes back in one spelling', async () => {
    const { body } = await create({ environment: 'test', allowed_ips: ['192.0.2.7', '2001:DB8::/32', '::ffff:198.51.100.0/120'] });
    expect(body.key).to.match(/^sk_test_/);
    expect(body.allowed_ips).to.deep.equal(['192.0.2.7/32', '2001:db8::/32', '198.51.100.0/24']);
  });

  it('201: without an expiry it ends when the policy says; a policy without a limit gives a key without an end', async () => {
    const { body } = await create({});
    expect(new Date(body.expires_at).getTime()).to.be.closeTo(Date.parse(days(366)), 60_000);
    const other = await createOrganization(api.database);
    await api.database
      .system('organizations')
      .where({ id: other.orgId })
      .update({ settings: { api_keys: { max_lifetime_days: null } } });
    expect((await create({}, other.key)).body.expires_at).to.equal(null);
  });

  it('a repeat with the same Idempotency-Key has key_redacted in place of the key, and nothing stored holds it', async () => {
    const send = () => api.as(own.key).post<Created>(KEYS, { name: 'Once', scopes: ['lead.read'] }, { 'idempotency-key': 'once-1' });
    const [first, second] = [await send(), await send()];
    const { key, ...shown } = first.body;
    expect(key).to.match(/^sk_live_/);
    expect(second.body).to.deep.equal({ ...shown, key_redacted: `${shown.prefix}…${shown.last4}` });
    expect(second.headers.get('idempotency-replayed')).to.equal('true');
  });

  it('400: names every fault', async () => {
    expect(await faults({ name: '', scopes: [] })).to.deep.equal([400, ['body.name', 'body.scopes']]);
    expect(await faults({ scopes: ['lead.read', 'lead.*'] })).to.deep.equal([400, ['body.scopes.1']]);
    expect(await faults({ scopes: ['lead.read', 'lead.read'] })).to.deep.equal([400, ['body.scopes']]);
    expect(await faults({ allowed_ips: ['192.0.2.7/24', 'home'] })).to.deep.equal([400, ['body.allowed_ips.0', 'body.allowed_ips.1']]);
    expect(await faults({ allowed_ips: ['192.0.2.7', '::ffff:192.0.2.7'] })).to.deep.equal([400, ['body.allowed_ips']]);
    expect(await faults({ allowed_ips: Array.from({ length: 51 }, (_, at) => `192.0.2.${at}`) })).to.deep.equal([
      400,
      ['body.allowed_ips'],
    ]);
    expect(await faults({ expires_at: days(-1) })).to.deep.equal([400, ['body.expires_at']]);
    expect(await faults({ expires_at: days(367) })).to.deep.equal([400, ['body.expires_at']]);
    expect(await faults({ rate_limit_per_hour: 0 })).to.deep.equal([400, ['body.rate_limit_per_hour']]);
    expect(await faults({ workspace_id: typeId('wsp', newId()) })).to.deep.equal([400, ['body.workspace_id']]);
    expect(await faults({ owner: 'user' })).to.deep.equal([400, ['body.owner']]);
    expect(await faults({ key: 'sk_live_mine' })).to.deep.equal([400, ['body.key']]);
  });

  it('401 and 403: without a key, with one that may not make keys, and with a scope that its maker lacks', async () => {
    expect((await api.as(null).post(KEYS, { name: 'x', scopes: ['lead.read'] })).status).to.equal(401);
    const reader = await createApiKey(api.database, own, { scopes: ['api_key.read'] });
    expect((await create({}, reader.key)).status).to.equal(403);
    const maker = await createApiKey(api.database, own, { scopes: ['api_key.create', 'lead.read'] });
    expect((await create({}, maker.key)).status).to.equal(201);
    const refused = await api.as(maker.key).post(KEYS, { name: 'x', scopes: ['lead.read', 'audit.manage'] });
    expect([refused.status, refused.body.code]).to.deep.equal([403, 'permission_denied']);
    expect(refused.body.detail).to.contain('audit.manage');
  });

  it('402: a key gets no more requests an hour than the plan gives, and the answer names the limit and the plan that gives more', async () => {
    expect((await create({ rate_limit_per_hour: 1_000 })).body.rate_limit_per_hour).to.equal(1_000);
    const { status, body } = await api.as(own.key).post(KEYS, { name: 'x', scopes: ['lead.read'], rate_limit_per_hour: 1_001 });
    expect([status, body.code, body['limit']]).to.deep.equal([
      402,
      'plan_limit_reached',
      { name: 'requests_per_hour_per_key', limit: 1_000, asked: 1_001, plan: 'starter', upgrade_to: 'professional' },
    ]);
  });

  it('201: a signed-in person makes a key of their own, which can do what they can at the moment', async () => {
    const person = await signInMember(api.database, own, ['admin']);
    const { status, body } = await create({ owner: 'user', scopes: ['webhook.read', 'api_key.read'] }, person.accessToken);
    expect([status, body.owner, body.owner_user_id]).to.deep.equal([201, 'user', typeId('usr', person.userId)]);
    expect((await api.as(body.key!).get('/admin/webhooks')).status).to.equal(200);
    const beyond = await api.as(person.accessToken).post(KEYS, { name: 'x', owner: 'user', scopes: ['organization.delete'] });
    expect([beyond.status, beyond.body.code]).to.deep.equal([403, 'permission_denied']);
  });

  it('a key that is bound to a workspace makes keys of that workspace, and sees no others', async () => {
    const bound = await createApiKey(api.database, own, { workspaceId: own.workspaceId });
    const made = await create({}, bound.key);
    expect([made.status, made.body.workspace_id]).to.deep.equal([201, typeId('wsp', own.workspaceId)]);
    const { body: list } = await api.as(bound.key).get<{ data: Created[] }>(KEYS);
    expect(list.data.map(({ id }) => id)).to.have.members([made.body.id, typeId('key', bound.id)]);
    const whole = await create({});
    expect((await api.as(bound.key).get(`${KEYS}/${whole.body.id}`)).status).to.equal(404);
    expect((await api.as(bound.key).delete(`${KEYS}/${whole.body.id}`)).status).to.equal(404);
  });

  it('400: a key that is bound to a workspace gets no scope that is the whole organization’s, when it is made and later', async () => {
    const workspace_id = typeId('wsp', own.workspaceId);
    expect(await faults({ workspace_id, scopes: ['lead.read', 'audit.read', 'team.create'] })).to.deep.equal([
      400,
      ['body.scopes.1', 'body.scopes.2'],
    ]);
    const { status, body } = await create({ workspace_id, scopes: ['organization.read', 'lead.read'] });
    expect(status).to.equal(201);
    const changed = await api.as(own.key).patch(`${KEYS}/${body.id}`, { scopes: ['audit.read'] });
    expect([changed.status, changed.body.errors?.[0]?.location]).to.deep.equal([400, 'body.scopes.0']);
  });

  it('403: what a bound key was given before is worth nothing beyond its workspace, and it sees no figures of the organization', async () => {
    const bound = await createApiKey(api.database, own, { workspaceId: own.workspaceId });
    await api.database
      .system('api_keys')
      .where({ id: bound.id })
      .update({ scopes: ['organization.read', 'audit.read', 'webhook.read'] });
    const me = await api.as(bound.key).get<{ permissions: string[] }>('/admin/permissions/me');
    expect(me.body.permissions).to.have.members(['organization.read', 'webhook.read']);
    const organization = `/organizations/${typeId('org', own.orgId)}`;
    for (const figures of ['stats', 'limits']) {
      const { status, body } = await api.as(bound.key).get(`${organization}/${figures}`);
      expect([status, body.code]).to.deep.equal([403, 'permission_denied']);
    }
    expect((await api.as(bound.key).get(organization)).status).to.equal(200);
  });

  it('the audit log has what was made, without the key', async () => {
    const { body } = await create({ name: 'On record' });
    const rows: object[] = await withTenant(api.database.app, own.orgId, (trx) =>
      trx('audit_view').where({ action: 'api_keys.create', target_id: body.id }),
    );
    expect(rows).to.have.length(1);
    expect(JSON.stringify(rows)).to.not.contain(body.key!);
  });
});
