import { expect } from 'chai';
import type { z } from 'zod';
import type { OrganizationList, OrganizationOut } from '../../../server/http/routes/organizations/schemas.ts';
import type { StatsOut } from '../../../server/http/routes/organizations/reportSchemas.ts';
import { newId, typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { createPerson, signIn, signInMember } from '../../support/people.ts';
import { auditEntries, newWebhook } from '../../support/webhooks.ts';

type WireOrganization = z.output<typeof OrganizationOut>;
type WireList = z.output<typeof OrganizationList>;

describe('organizations', function () {
  this.timeout(10_000);
  const api = useApi();
  const path = ({ orgId }: { orgId: string }, rest = ''): string => `/organizations/${typeId('org', orgId)}${rest}`;
  const person = async (verified = true) => {
    const session = await signIn(api.database, await createPerson(api.database, { verified }));
    return { ...session, caller: api.as(session.accessToken) };
  };
  const member = async (organization: TestOrganization, role: 'owner' | 'admin' | 'viewer') =>
    api.as((await signInMember(api.database, organization, [role])).accessToken);

  describe('create and list', () => {
    it('201: the founder is its owner, with a workspace, an audit entry and the defaults of every setting', async () => {
      const founder = await person();
      const { status, body } = await founder.caller.post<WireOrganization>('/organizations', { name: 'Acme', slug: 'acme-found' });
      expect([status, body.slug, body.plan, body.status]).to.deep.equal([201, 'acme-found', 'free', 'active']);
      expect(body.settings.mfa.policy).to.equal('none');
      expect(body.settings).to.include({ api_enabled: true, sso_enabled: false, primary_color: null });
      const { body: list } = await founder.caller.get<WireList>('/organizations');
      expect(list.data.map(({ id, roles }) => [id, roles])).to.deep.equal([[body.id, ['owner']]]);
      const [row] = await api.database.system('organizations').where({ slug: 'acme-found' });
      expect(row.founded_by).to.equal(founder.userId);
      expect(await auditEntries(api.database, row.id as string, 'organizations.create')).to.have.length(1);
    });

    it('a person sees every organization they are in and no other, a key its own', async () => {
      const [a, b] = [await createOrganization(api.database), await createOrganization(api.database)];
      const inA = await signInMember(api.database, a, ['viewer']);
      expect((await api.as(inA.accessToken).get<WireList>('/organizations')).body.data.map(({ id }) => id)).to.deep.equal([
        typeId('org', a.orgId),
      ]);
      expect((await api.as(b.key).get<WireList>('/organizations')).body.data.map(({ id }) => id)).to.deep.equal([typeId('org', b.orgId)]);
    });

    it('403: an unverified address founds nothing, and a key cannot found at all', async () => {
      const { caller } = await person(false);
      expect((await caller.post('/organizations', { name: 'Acme' })).body.code).to.equal('email_not_verified');
      const { key } = await createOrganization(api.database);
      expect((await api.as(key).post('/organizations', { name: 'Acme' })).body.code).to.equal('permission_denied');
    });

    it('402: of fifty foundings at once three succeed, and the problem names the limit', async () => {
      const { caller } = await person();
      const answers = await Promise.all(Array.from({ length: 50 }, () => caller.post('/organizations', { name: 'Many' })));
      const created = answers.filter(({ status }) => status === 201);
      expect(created).to.have.length(3);
      const refused = answers.find(({ status }) => status === 402)!.body as unknown as { limit: object };
      expect(refused.limit).to.deep.equal({ name: 'free_organizations', limit: 3, used: 3, plan: 'free', upgrade_to: 'starter' });
    });

    it('400: a reserved or misshapen short name; 409: one that another organization has', async () => {
      const { caller } = await person();
      for (const slug of ['admin', 'UPPER', 'a--b', '-ab', 'ab', 'ümlaut', 'erased-01k0501z00e00800000000000h']) {
        const { status, body } = await caller.post('/organizations', { name: 'Acme', slug });
        expect([status, body.errors?.[0]?.location], slug).to.deep.equal([400, 'body.slug']);
      }
      await caller.post('/organizations', { name: 'Acme', slug: 'taken-slug' });
      expect((await (await person()).caller.post('/organizations', { name: 'Acme', slug: 'taken-slug' })).body.code).to.equal('conflict');
    });
  });

  describe('get and update', () => {
    it('401 without a credential, 403 without the permission, 404 for any other organization, the same for none', async () => {
      const [own, other] = [await createOrganization(api.database), await createOrganization(api.database)];
      expect((await api.as(null).get(path(own))).status).to.equal(401);
      const weak = await createApiKey(api.database, own, { scopes: ['lead.read'] });
      expect((await api.as(weak.key).get(path(own))).body.code).to.equal('permission_denied');
      const viewer = await member(own, 'viewer');
      expect((await viewer.patch(path(own), { name: 'x' })).status).to.equal(403);
      for (const caller of [api.as(own.key), viewer]) {
        const [foreign, never] = [await caller.get(path(other)), await caller.get(path({ orgId: newId() }))];
        expect(foreign.status).to.equal(404);
        expect({ ...foreign.body, request_id: null }).to.deep.equal({ ...never.body, request_id: null });
      }
    });

    it('200: changes what is named and nothing else, with an audit entry; what the operator keeps in the settings stays', async () => {
      const own = await createOrganization(api.database);
      await api.database
        .system('organizations')
        .where({ id: own.orgId })
        .update({ settings: { history_retention_days: 40 } });
      const admin = await member(own, 'admin');
      await admin.patch(path(own), {
        settings: { primary_color: '#0B57D0', api_keys: { rotation_days: 90, allowed_ips: ['127.0.0.0/8', '::1'] } },
      });
      const { body } = await admin.patch<WireOrganization>(path(own), {
        name: 'Renamed',
        settings: { logo_url: 'https://acme.example/l.svg', domains: { join: true } },
      });
      expect(body).to.include({ name: 'Renamed' });
      expect(body.settings).to.deep.include({ primary_color: '#0B57D0', logo_url: 'https://acme.example/l.svg' });
      expect(body.settings.api_keys).to.deep.include({
        rotation_days: 90,
        allowed_ips: ['127.0.0.0/8', '::1/128'],
        max_lifetime_days: 366,
      });
      expect(body.settings.domains).to.deep.equal({ join: true, join_role: 'member', restrict_members: false });
      const [row] = await api.database.system('organizations').where({ id: own.orgId });
      expect(row.settings).to.include({ history_retention_days: 40 });
      expect(await auditEntries(api.database, own.orgId, 'organizations.update')).to.have.length(2);
    });

    it('400: names every fault at its place', async () => {
      const own = await createOrganization(api.database);
      const settings = {
        primary_color: 'red',
        logo_url: 'http://acme.example/l.svg',
        api_keys: { allowed_ips: ['10.0.0.1/8'] },
        mfa: { policy: 'maybe' },
        nope: 1,
      };
      const { status, body } = await api.as(own.key).patch(path(own), { settings });
      expect(status).to.equal(400);
      const places = [
        'body.settings',
        'body.settings.api_keys.allowed_ips.0',
        'body.settings.logo_url',
        'body.settings.mfa.policy',
        'body.settings.primary_color',
      ];
      expect(
        body
          .errors!.map(({ location }) => location)
          .map((each) => each.replace(/\.nope$/, ''))
          .toSorted(),
      ).to.deep.equal(places);
      expect((await api.as(own.key).patch(path(own), {})).status).to.equal(400);
    });

    it('a short name that was given up stays its own: no stranger gets it, and it can be taken back', async () => {
      const [own, other] = [await createOrganization(api.database), await createOrganization(api.database)];
      const [mine, theirs] = [api.as(own.key), api.as(other.key)];
      for (const slug of ['first-name', 'second-name']) expect((await mine.patch(path(own), { slug })).status).to.equal(200);
      expect((await theirs.patch(path(other), { slug: 'first-name' })).body.code).to.equal('conflict');
      expect((await mine.patch<WireOrganization>(path(own), { slug: 'first-name' })).body.slug).to.equal('first-name');
    });

    it('403: single sign-on belongs to a plan, and an override gives it', async () => {
      const own = await createOrganization(api.database, { plan: 'professional' });
      const on = () => api.as(own.key).patch<{ code: string; limit: object }>(path(own), { settings: { sso_enabled: true } });
      const { status, body } = await on();
      expect([status, body.code]).to.deep.equal([403, 'plan_feature_missing']);
      expect(body.limit).to.deep.equal({ name: 'sso', limit: 0, used: 0, plan: 'professional', upgrade_to: 'enterprise' });
      await api.database
        .system('organizations')
        .where({ id: own.orgId })
        .update({ limit_overrides: { sso: true } });
      expect((await on()).status).to.equal(200);
    });
  });

  describe('nobody locks themselves out', () => {
    it('a key can neither switch keys off nor leave its own network out; a person can, and keys are refused at once', async () => {
      const own = await createOrganization(api.database);
      const key = api.as(own.key);
      expect((await key.patch(path(own), { settings: { api_enabled: false } })).body.code).to.equal('conflict');
      expect((await key.patch(path(own), { settings: { api_keys: { allowed_ips: ['192.0.2.0/24'] } } })).body.code).to.equal('conflict');
      expect((await key.get(path(own))).status).to.equal(200);
      const admin = await member(own, 'admin');
      await admin.patch(path(own), { settings: { api_enabled: false } });
      const deadline = Date.now() + 3_000;
      let last = await key.get(path(own));
      while (last.status === 200 && Date.now() < deadline) last = await key.get(path(own));
      expect([last.status, last.body.code]).to.deep.equal([403, 'api_access_disabled']);
      expect((await admin.patch(path(own), { settings: { api_enabled: true } })).status).to.equal(200);
    });

    it('a policy of second factors is set by a person who used one in this session, freshly, and that the policy accepts', async () => {
      const own = await createOrganization(api.database);
      const mfa = { policy: 'required' };
      expect((await api.as(own.key).patch(path(own), { settings: { mfa } })).body.code).to.equal('permission_denied');
      const admin = await signInMember(api.database, own, ['admin']);
      expect((await api.as(admin.accessToken).patch(path(own), { settings: { mfa } })).body.code).to.equal('step_up_required');
      const proven = await signIn(api.database, admin, own, { amr: ['pwd', 'otp'], mfaAt: new Date() });
      const strict = { ...mfa, phishing_resistant_only: true };
      expect((await api.as(proven.accessToken).patch(path(own), { settings: { mfa: strict } })).body.code).to.equal('mfa_required');
      expect((await api.as(proven.accessToken).patch(path(own), { settings: { mfa } })).status).to.equal(200);
    });
  });

  it('stats and limits: figures of the moment, overrides and features', async () => {
    const own = await createOrganization(api.database, { plan: 'starter' });
    const key = api.as(own.key);
    await newWebhook(key);
    await api.database
      .system('organizations')
      .where({ id: own.orgId })
      .update({ limit_overrides: { seats: 12, nonsense: 1, workspaces: 'x' } });
    const { body: stats } = await key.get<z.output<typeof StatsOut>>(path(own, '/stats'));
    expect(stats).to.deep.include({ members: 1, seats_taken: 1, workspaces: 1, webhook_endpoints: 1, api_keys: 1, events_this_month: 0 });
    expect(stats.deliveries).to.deep.equal({ delivered: 0, failed: 0, waiting: 0 });
    const { body } = await key.get<{ limits: object[]; features: object[] }>(path(own, '/limits'));
    expect(body.limits).to.deep.equal([
      { name: 'seats', limit: 12, used: 1, overridden: true },
      { name: 'workspaces', limit: 3, used: 1, overridden: false },
      { name: 'webhook_endpoints', limit: 10, used: 1, overridden: false },
      { name: 'api_keys', limit: 25, used: 1, overridden: false },
      { name: 'events_per_month', limit: 250_000, used: 0, overridden: false },
    ]);
    expect(body.features).to.deep.include({ name: 'custom_roles', included: false, overridden: false });
  });

  it('webhooks answer under the organization, which has to be the own one', async () => {
    const [own, other] = [await createOrganization(api.database), await createOrganization(api.database)];
    const { id } = await newWebhook(api.as(own.key));
    expect((await api.as(own.key).get(path(own, `/webhooks/${id}`))).status).to.equal(200);
    expect((await api.as(own.key).get(path(other, `/webhooks/${id}`))).status).to.equal(404);
    expect((await api.as(other.key).get(path(other, `/webhooks/${id}`))).status).to.equal(404);
  });
});
