import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import type { Problem } from '../../../server/http/problem.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { auditEntries, newWebhook, rowsOf } from '../../support/webhooks.ts';

interface Result {
  data: { id?: string; error?: Problem }[];
}

const EVENT = { type: 'lead.created', data: { lead_id: 'lead_42' } };

describe('events.publish_batch', () => {
  const api = useApi();
  const acme = async () => {
    const organization = await createOrganization(api.database);
    return { organization, caller: api.as(organization.key) };
  };

  describe('202', () => {
    it('1,000 events may use the whole of the body, with every field and forty of their own', async () => {
      const { caller } = await acme();
      const fields = { occurred_at: new Date().toISOString(), workspace_id: null, channels: [] };
      const data = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`field_${i}`, i]));
      const { status, body } = await caller.post<Result>('/events/batch', { events: Array(1_000).fill({ ...EVENT, ...fields, data }) });
      expect([status, body.data.every(({ id }) => id !== undefined)]).to.deep.equal([202, true]);
    });

    it('1,000 events are published in their order, and one more is refused', async () => {
      const { organization, caller } = await acme();
      await newWebhook(caller);
      const events = Array.from({ length: 1_000 }, (_, n) => ({ ...EVENT, data: { n } }));
      const { status, body } = await caller.post<Result>('/events/batch', { events });
      expect(status).to.equal(202);
      const rows = await rowsOf<{ id: string; payload: string }>(api.database, organization.orgId, 'events');
      const ids = rows.toSorted((a, b) => numberOf(a) - numberOf(b)).map(({ id }) => ({ id: typeId('evt', id) }));
      expect(body.data).to.deep.equal(ids);
      expect(await rowsOf(api.database, organization.orgId, 'deliveries')).to.have.length(1_000);
      const tooMany = await caller.post('/events/batch', { events: [...events, EVENT] });
      expect([tooMany.status, tooMany.body.errors?.[0]?.location]).to.deep.equal([400, 'body.events']);
    });

    it('judges each event by itself: what is wrong is answered with its problem in its place, the rest is published', async () => {
      const { organization, caller } = await acme();
      const { status, body } = await caller.post<Result>('/events/batch', {
        events: [
          EVENT,
          { ...EVENT, type: 'lead.create' },
          7,
          { ...EVENT, data: [] },
          { ...EVENT, type: 'meeting.booked' },
          { ...EVENT, colour: 'red' },
          { ...EVENT, workspace_id: typeId('wsp', '01980a4e-7c00-7000-8000-000000000001') },
          { ...EVENT, type: 'webhook.test' },
        ],
      });
      expect(status).to.equal(202);
      expect(body.data.map(({ id, error }) => (id ? 'published' : `${error?.code} ${error?.errors?.[0]?.location}`))).to.deep.equal([
        'published',
        'unknown_event_type body.events.1.type',
        'validation_failed body.events.2',
        'validation_failed body.events.3.data',
        'published',
        'validation_failed body.events.5.colour',
        'validation_failed body.events.6.workspace_id',
        'reserved_event_type body.events.7.type',
      ]);
      const rows = await rowsOf<{ type: string }>(api.database, organization.orgId, 'events');
      expect(rows.map(({ type }) => type)).to.have.members(['lead.created', 'meeting.booked']);
      expect(await auditEntries(api.database, organization.orgId, 'events.publish_batch')).to.have.length(1);
    });

    it('a batch in which nothing is right publishes nothing, and a repeat of it gets the same answer', async () => {
      const { organization, caller } = await acme();
      const send = () => caller.post<Result>('/events/batch', { events: [{ ...EVENT, type: 'x' }] }, { 'idempotency-key': 'wrong' });
      const [first, second] = [await send(), await send()];
      expect([first.status, first.body.data[0]?.error?.status]).to.deep.equal([202, 422]);
      expect(second.text).to.equal(first.text);
      expect(await rowsOf(api.database, organization.orgId, 'events')).to.deep.equal([]);
    });

    it('a repeat with the same Idempotency-Key publishes nothing twice', async () => {
      const { organization, caller } = await acme();
      const send = () =>
        caller.post<Result>('/events/batch', { events: [EVENT, { ...EVENT, type: 'x' }, EVENT] }, { 'idempotency-key': 'b-1' });
      const [first, second] = [await send(), await send()];
      expect(second.text).to.equal(first.text);
      expect(await rowsOf(api.database, organization.orgId, 'events')).to.have.length(2);
    });
  });

  describe('?atomic=true', () => {
    it('202: publishes all when all are right', async () => {
      const { caller } = await acme();
      const { body } = await caller.post<Result>('/events/batch?atomic=true', { events: [EVENT, EVENT] });
      expect(body.data.every(({ id }) => id?.startsWith('evt_'))).to.equal(true);
    });

    it('400 and 422: publishes none when one is wrong, and names every fault', async () => {
      const { organization, caller } = await acme();
      const unknown = await caller.post('/events/batch?atomic=true', { events: [EVENT, { ...EVENT, type: 'x' }, { data: 1 }] });
      expect([unknown.status, unknown.body.code]).to.deep.equal([400, 'validation_failed']);
      const locations = unknown.body.errors?.map(({ location }) => location);
      expect(locations).to.include.members(['body.events.1.type', 'body.events.2.type', 'body.events.2.data']);
      const types = await caller.post('/events/batch?atomic=true', { events: [EVENT, { ...EVENT, type: 'x' }] });
      expect([types.status, types.body.code]).to.deep.equal([422, 'unknown_event_type']);
      expect(await rowsOf(api.database, organization.orgId, 'events')).to.deep.equal([]);
    });

    it('400: atomic is true or false', async () => {
      const { caller } = await acme();
      const { status, body } = await caller.post('/events/batch?atomic=yes', { events: [EVENT] });
      expect([status, body.errors?.[0]?.location]).to.deep.equal([400, 'query.atomic']);
    });
  });

  it('400: no events, events that are no list', async () => {
    const { caller } = await acme();
    for (const body of [{ events: [] }, { events: {} }, {}]) {
      const answer = await caller.post('/events/batch', body);
      expect([answer.status, answer.body.errors?.[0]?.location], JSON.stringify(body)).to.deep.equal([400, 'body.events']);
    }
  });

  it('401 and 403: needs credentials that hold event.publish', async () => {
    const { organization } = await acme();
    const { key } = await createApiKey(api.database, organization, { scopes: ['event.read'] });
    expect((await api.as(null).post('/events/batch', { events: [EVENT] })).status).to.equal(401);
    expect((await api.as(key).post('/events/batch', { events: [EVENT] })).status).to.equal(403);
  });
});

const numberOf = ({ payload }: { payload: string }): number => (JSON.parse(payload) as { data: { n: number } }).data.n;
