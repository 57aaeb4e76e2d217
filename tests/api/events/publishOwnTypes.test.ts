import { expect } from 'chai';
import { useApi } from '../../support/api.ts';
import { createOrganization } from '../../support/factories.ts';
import { MINIMAL_WEBHOOK, newWebhook, rowsOf } from '../../support/webhooks.ts';
import type { WirePage } from '../../support/webhooks.ts';

const PATH = '/admin/event-types';
const SCHEMA = {
  type: 'object',
  required: ['amount'],
  additionalProperties: false,
  properties: {
    amount: { type: 'number', minimum: 0 },
    email: { type: 'string', format: 'email' },
    lines: { type: 'array', items: { $ref: '#/$defs/line' } },
    note: { type: 'string', pattern: '^(a+)+$' },
  },
  $defs: { line: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' } } } },
};

describe('events of own types', () => {
  const api = useApi();
  const acme = async () => {
    const organization = await createOrganization(api.database);
    return { orgId: organization.orgId, caller: api.as(organization.key) };
  };
  const invoice = (data: object) => ({ type: 'invoice.paid', data });

  it('are published at once, and reach endpoints by name, by group and by "*"', async () => {
    const { caller } = await acme();
    expect((await caller.post('/events', invoice({}))).body.code).to.equal('unknown_event_type');
    expect((await caller.post('/admin/webhooks', { ...MINIMAL_WEBHOOK, events: ['invoice.*'] })).body.code).to.equal('unknown_event_type');
    await caller.post(PATH, { name: 'invoice.paid' });
    for (const events of [['invoice.paid'], ['invoice.*'], ['*']]) await newWebhook(caller, { events });
    await newWebhook(caller, { events: ['lead.*', 'webhook.*'] });
    const { status, body } = await caller.post<{ deliveries: number }>('/events', invoice({ any: 1 }));
    expect([status, body.deliveries]).to.deep.equal([202, 3]);
    const { id } = await newWebhook(caller);
    expect((await caller.patch(`/admin/webhooks/${id}`, { events: ['invoice.paid', 'invoice.sent'] })).body.errors).to.deep.equal([
      { location: 'body.events.1', message: '"invoice.sent" is not an event type that an endpoint can subscribe to.' },
    ]);
  });

  it('belong to one organization: another cannot publish or subscribe to them', async () => {
    const [{ caller: theirs }, { caller: ours }] = [await acme(), await acme()];
    await theirs.post(PATH, { name: 'invoice.paid' });
    expect((await theirs.post('/events', invoice({}))).status).to.equal(202);
    expect((await ours.post('/events', invoice({}))).body.code).to.equal('unknown_event_type');
    expect((await ours.post('/admin/webhooks', { ...MINIMAL_WEBHOOK, events: ['invoice.paid'] })).status).to.equal(422);
  });

  it('can be listed by type', async () => {
    const { caller } = await acme();
    await caller.post(PATH, { name: 'invoice.paid' });
    const { id } = await newWebhook(caller, { events: ['*'] });
    await caller.post('/events', invoice({}));
    expect((await caller.get<WirePage<unknown>>('/events?type=invoice.paid')).body.data).to.have.length(1);
    const deliveries = `/admin/webhooks/${id}/deliveries?event_type=`;
    expect((await caller.get<WirePage<unknown>>(`${deliveries}invoice.paid`)).body.data).to.have.length(1);
    expect((await caller.get(`${deliveries}invoice.sent`)).body.code).to.equal('unknown_event_type');
  });

  it('422 schema_violation: names every place and publishes nothing', async () => {
    const { orgId, caller } = await acme();
    await caller.post(PATH, { name: 'invoice.paid', schema: SCHEMA });
    const { status, body } = await caller.post('/events', invoice({ amount: -1, email: 'x', lines: [{ sku: 'a' }, {}], other: 1 }));
    expect([status, body.code]).to.deep.equal([422, 'schema_violation']);
    expect(body.detail).to.include('version 1');
    expect(body.errors).to.have.deep.members([
      { location: 'body.data.amount', message: 'must be >= 0' },
      { location: 'body.data.email', message: 'must match format "email"' },
      { location: 'body.data.lines.1.sku', message: "must have required property 'sku'" },
      { location: 'body.data.other', message: 'must NOT have additional properties' },
    ]);
    expect(await rowsOf(api.database, orgId, 'events')).to.deep.equal([]);
    expect((await caller.post('/events', invoice({ amount: 1, email: 'ada@example.com' }))).status).to.equal(202);
  });

  it('the newest version counts as soon as it is made, also when it takes the schema away', async () => {
    const { caller } = await acme();
    const publish = async () => (await caller.post('/events', invoice({}))).status;
    await caller.post(PATH, { name: 'invoice.paid' });
    expect(await publish()).to.equal(202);
    await caller.post(PATH, { name: 'invoice.paid', schema: SCHEMA });
    expect(await publish()).to.equal(422);
    await caller.post(PATH, { name: 'invoice.paid' });
    expect(await publish()).to.equal(202);
  });

  it('in a batch each event is judged by itself; atomic refuses all', async () => {
    const { orgId, caller } = await acme();
    await caller.post(PATH, { name: 'invoice.paid', schema: SCHEMA });
    const events = [invoice({ amount: 1 }), { type: 'lead.created', data: {} }, invoice({}), { type: 'invoice.sent', data: {} }];
    const atomic = await caller.post('/events/batch?atomic=true', { events });
    expect(atomic.status).to.equal(422);
    expect(atomic.body.errors?.map(({ location }) => location)).to.deep.equal(['body.events.2.data.amount', 'body.events.3.type']);
    const { body } = await caller.post<{ data: { id?: string; error?: { code: string } }[] }>('/events/batch', { events });
    expect(body.data.map(({ error }) => error?.code ?? 'accepted')).to.deep.equal([
      'accepted',
      'accepted',
      'schema_violation',
      'unknown_event_type',
    ]);
    expect(await rowsOf(api.database, orgId, 'events')).to.have.length(2);
  });

  it('a pattern that takes exponential time is broken off, and the next event is judged as ever', async () => {
    const { caller } = await acme();
    await caller.post(PATH, { name: 'invoice.paid', schema: SCHEMA });
    const start = performance.now();
    const { body } = await caller.post('/events', invoice({ amount: 1, note: `${'a'.repeat(60)}!` }));
    expect(performance.now() - start).to.be.lessThan(3_000);
    expect([body.code, body.errors?.[0]?.location]).to.deep.equal(['schema_violation', 'body.data']);
    expect(body.errors?.[0]?.message).to.include('takes too long');
    expect((await caller.post('/events', invoice({ amount: 1, note: 'aaa' }))).status).to.equal(202);
  });
});
