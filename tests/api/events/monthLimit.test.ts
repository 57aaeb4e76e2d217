import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createOrganization } from '../../support/factories.ts';

describe('events.publish: the limit of a month', () => {
  const api = useApi();

  it('402 for one event and for a batch beyond it; what was refused before it was published does not count', async () => {
    const { key, orgId } = await createOrganization(api.database, { plan: 'free' });
    await api.database
      .system('organizations')
      .where({ id: orgId })
      .update({ limit_overrides: { events_per_month: 3 } });
    const caller = api.as(key);
    const event = { type: 'lead.created', data: { name: 'Ada' } };
    expect((await caller.post('/events', event)).status).to.equal(202);
    expect((await caller.post('/events', { ...event, type: 'no.such' })).status).to.equal(422);
    await api.deps.eventMeter.flush();
    const batch = await caller.post('/events/batch', { events: [event, event, event] });
    expect([batch.status, batch.body.code]).to.deep.equal([402, 'plan_limit_reached']);
    expect((await caller.post('/events/batch', { events: [event, event] })).status).to.equal(202);
    expect((await caller.post('/events', event)).status).to.equal(402);
    await api.deps.eventMeter.flush();
    const { body } = await caller.get<{ limits: { name: string }[] }>(`/organizations/${typeId('org', orgId)}/limits`);
    expect(body.limits.find(({ name }) => name === 'events_per_month')).to.include({ limit: 3, used: 3, overridden: true });
  });
});
