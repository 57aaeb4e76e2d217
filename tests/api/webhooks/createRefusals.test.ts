import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { createWorkspace } from '../../support/workspaces.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { MINIMAL_WEBHOOK, auditEntries, newWebhook, rowsOf } from '../../support/webhooks.ts';

describe('webhooks.create: refusals', () => {
  const api = useApi();
  const acme = async (input: Parameters<typeof createOrganization>[1] = {}) => {
    const organization = await createOrganization(api.database, input);
    return { ...organization, caller: api.as(organization.key) };
  };

  describe('400', () => {
    const faults: [name: string, fields: object, location: string, message: RegExp][] = [
      ['a missing name', { name: undefined }, 'body.name', /required/],
      ['a blank name', { name: '   ' }, 'body.name', /must not be empty/],
      ['a name of 121 characters', { name: 'x'.repeat(121) }, 'body.name', /at most 120/],
      ['a name with a line break', { name: 'a\nb' }, 'body.name', /one line/],
      ['a URL that is no text', { url: 7 }, 'body.url', /must be text/],
      ['a URL with a NUL', { url: 'https://example.com/\u0000' }, 'body.url', /control characters/],
      ['a URL of 2,049 characters', { url: `https://example.com/${'x'.repeat(2029)}` }, 'body.url', /at most 2,048/],
      ['no events', { events: [] }, 'body.events', /at least one/],
      ['101 events', { events: Array.from({ length: 101 }, (_, i) => `lead.x${i}`) }, 'body.events', /at most 100/],
      ['an event type twice', { events: ['lead.created', 'lead.created'] }, 'body.events', /twice/],
      ['timeout_seconds 0', { timeout_seconds: 0 }, 'body.timeout_seconds', /at least 1/],
      ['timeout_seconds 301', { timeout_seconds: 301 }, 'body.timeout_seconds', /at most 300/],
      ['timeout_seconds 1.5', { timeout_seconds: 1.5 }, 'body.timeout_seconds', /whole number/],
      ['timeout_seconds as text', { timeout_seconds: '30' }, 'body.timeout_seconds', /whole number/],
      ['max_retries 11', { max_retries: 11 }, 'body.max_retries', /at most 10/],
      ['max_retries -1', { max_retries: -1 }, 'body.max_retries', /at least 0/],
      ['retry_delay_seconds 0', { retry_delay_seconds: 0 }, 'body.retry_delay_seconds', /at least 1/],
      ['retry_delay_seconds of more than a day', { retry_delay_seconds: 86_401 }, 'body.retry_delay_seconds', /at most 86400/],
      ['a schedule of 11', { retry_schedule_seconds: Array(11).fill(1) }, 'body.retry_schedule_seconds', /at most 10/],
      ['a wait of more than a week', { retry_schedule_seconds: [1, 604_801] }, 'body.retry_schedule_seconds.1', /at most 604800/],
      ['max_in_flight 0', { max_in_flight: 0 }, 'body.max_in_flight', /at least 1/],
      ['max_in_flight 101', { max_in_flight: 101 }, 'body.max_in_flight', /at most 100/],
      ['ordered as text', { ordered: 'yes' }, 'body.ordered', /true or false/],
      ['a channel with a space', { channels: ['a b'] }, 'body.channels.0', /1 to 64/],
      ['an unknown signature', { signature: 'v2' }, 'body.signature', /v1a/],
      ['an id of something else', { workspace_id: 'whk_01k0501z00e00800000000001h' }, 'body.workspace_id', /workspace/],
      ['rate_limit_per_second 0', { rate_limit_per_second: 0 }, 'body.rate_limit_per_second', /at least 1/],
      ['an unknown field', { retries: 5 }, 'body.retries', /not known/],
    ];
    for (const [name, fields, location, message] of faults) {
      it(`${name}: names ${location}`, async () => {
        const { caller } = await shared();
        const { status, body } = await caller.post('/admin/webhooks', { ...MINIMAL_WEBHOOK, ...fields });
        expect(status).to.equal(400);
        expect(body.code).to.equal('validation_failed');
        const fault = body.errors?.find((error) => error.location === location);
        expect(fault?.message, JSON.stringify(body.errors)).to.match(message);
      });
    }

    const urls = [
      'http://example.com/',
      'ftp://example.com/',
      'https://10.0.0.1/',
      'https://[::ffff:10.0.0.1]/',
      'https://2852039166/',
      'https://192.168.0.1./',
      'not-a-url',
    ];
    for (const url of urls) {
      it(`${url}: refused before anything is written`, async () => {
        const { caller, orgId } = await shared();
        const { status, body } = await caller.post('/admin/webhooks', { ...MINIMAL_WEBHOOK, url });
        expect(status).to.equal(400);
        expect(body.code).to.equal('url_not_allowed');
        expect(body.errors?.[0]?.location).to.equal('body.url');
        expect(await rowsOf(api.database, orgId, 'webhook_endpoints')).to.deep.equal([]);
      });
    }

    for (const headers of [{ Host: 'x' }, { 'webhook-id': 'x' }, { 'X-A': 'line\r\nbreak' }, { 'bad name': 'x' }]) {
      it(`header ${JSON.stringify(headers)}: names it`, async () => {
        const { caller } = await shared();
        const { status, body } = await caller.post('/admin/webhooks', { ...MINIMAL_WEBHOOK, headers });
        expect(status).to.equal(400);
        expect(body.code).to.equal('header_not_allowed');
        expect(body.errors?.[0]?.location).to.equal(`body.headers.${Object.keys(headers)[0]}`);
      });
    }

    it('a workspace of another organization and one that does not exist are refused in the same words', async () => {
      const [{ caller }, stranger] = [await acme(), await acme()];
      const refuse = async (uuid: string) => {
        const { body } = await caller.post('/admin/webhooks', { ...MINIMAL_WEBHOOK, workspace_id: typeId('wsp', uuid) });
        return { ...body, request_id: '' };
      };
      const foreign = await refuse(stranger.workspaceId);
      expect(foreign).to.deep.equal(await refuse('01980a4e-7c00-7000-8000-000000000001'));
      expect(foreign).to.include({ status: 400, code: 'validation_failed' });
    });

    it('a credential bound to a workspace cannot make an endpoint of another one', async () => {
      const organization = await acme();
      const other = await createWorkspace(api.database, organization.orgId);
      const bound = await createApiKey(api.database, organization, { workspaceId: organization.workspaceId });
      const { status, body } = await api.as(bound.key).post('/admin/webhooks', { ...MINIMAL_WEBHOOK, workspace_id: typeId('wsp', other) });
      expect(status).to.equal(400);
      expect(body.errors?.[0]?.location).to.equal('body.workspace_id');
    });
  });

  describe('401, 403, 429', () => {
    it('401: without credentials', async () => {
      expect((await api.as(null).post('/admin/webhooks', MINIMAL_WEBHOOK)).body.code).to.equal('missing_credentials');
    });

    it('403: refuses a key without webhook.write and records the refusal', async () => {
      const organization = await acme();
      const reader = await createApiKey(api.database, organization, { scopes: ['webhook.read'] });
      const { status, body } = await api.as(reader.key).post('/admin/webhooks', MINIMAL_WEBHOOK);
      expect(status).to.equal(403);
      expect(body.detail).to.include('webhook.write');
      const entries = await auditEntries(api.database, organization.orgId, 'webhooks.create');
      expect(entries.map(({ outcome }) => outcome)).to.deep.equal(['denied']);
    });

    it('429: tells when to come back once the key has used up its hour', async () => {
      const organization = await acme();
      const { key } = await createApiKey(api.database, organization, { rateLimitPerHour: 1 });
      await newWebhook(api.as(key));
      const { status, headers } = await api.as(key).post('/admin/webhooks', MINIMAL_WEBHOOK);
      expect(status).to.equal(429);
      expect(Number(headers.get('retry-after'))).to.be.within(1, 3600);
    });
  });

  describe('402', () => {
    it('names the limit, what is used and the plan that raises it; a deleted endpoint makes room', async () => {
      const { caller } = await acme({ plan: 'free' });
      const { id } = await newWebhook(caller);
      await newWebhook(caller);
      const { status, body } = await caller.post('/admin/webhooks', MINIMAL_WEBHOOK);
      expect(status).to.equal(402);
      expect(body.code).to.equal('plan_limit_reached');
      expect(body.detail).to.match(/free plan has 2 webhook endpoints, and 2 are in use.*starter plan, which has 10/);
      await caller.delete(`/admin/webhooks/${id}`);
      await newWebhook(caller);
    });

    it('20 creations at once on a limit of 2 make exactly 2, and every other answer is 402', async () => {
      const { caller, orgId } = await acme({ plan: 'free' });
      const answers = await Promise.all(Array.from({ length: 20 }, () => caller.post('/admin/webhooks', MINIMAL_WEBHOOK)));
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
      expect(statuses).to.deep.equal([201, 201, ...Array(18).fill(402)]);
      expect(await rowsOf(api.database, orgId, 'webhook_endpoints')).to.have.length(2);
    });
  });

  describe('422', () => {
    it('names every subscription that no known type can match', async () => {
      const { caller } = await acme();
      const { status, body } = await caller.post('/admin/webhooks', { ...MINIMAL_WEBHOOK, events: ['lead.create', 'lead.*', 'deal.*'] });
      expect(status).to.equal(422);
      expect(body.code).to.equal('unknown_event_type');
      expect(body.errors?.map(({ location }) => location)).to.deep.equal(['body.events.0', 'body.events.2']);
    });

    it('refuses an Idempotency-Key that was used with another body', async () => {
      const { caller } = await acme();
      const key = { 'idempotency-key': 'create-2' };
      await caller.post('/admin/webhooks', MINIMAL_WEBHOOK, key);
      const { status, body } = await caller.post('/admin/webhooks', { ...MINIMAL_WEBHOOK, name: 'Other' }, key);
      expect([status, body.code]).to.deep.equal([422, 'idempotency_mismatch']);
    });
  });

  let once: ReturnType<typeof acme> | undefined;
  const shared = () => (once ??= acme());
});
