import { expect } from 'chai';
import { withTenant } from '../../../db/tenancy.ts';
import { newId } from '../../../server/ids.ts';
import { measureBacklog } from '../../../services/webhooks/backlog.ts';
import type { Backlog } from '../../../services/webhooks/backlog.ts';
import { createOrganization } from '../../support/factories.ts';
import { useDatabase } from '../../support/database.ts';

describe('the backlog of all organizations', () => {
  const database = useDatabase();
  const measure = (): Promise<Backlog> => database.system.transaction(measureBacklog);

  /** An endpoint of an organization of its own, with one delivery that was due so many seconds ago. */
  async function endpoint(fields: object, dueSecondsAgo: number): Promise<void> {
    const { orgId } = await createOrganization(database);
    const id = newId();
    await withTenant(database.app, orgId, async (trx) => {
      await trx('webhook_endpoints').insert({ org_id: orgId, id, name: 'E', url: 'https://example.com', event_types: ['*'], ...fields });
      const due = new Date(Date.now() - dueSecondsAgo * 1_000);
      const delivery = { org_id: orgId, event_id: newId(), event_type: 'lead.created', endpoint_id: id };
      await trx('deliveries').insert([
        { ...delivery, id: newId(), next_attempt_at: due },
        { ...delivery, id: newId(), event_id: newId(), next_attempt_at: null, status: 'delivered' },
      ]);
    });
  }

  it('is nothing when there is none', async () => {
    const { statsAgeSeconds: _age, ...backlog } = await measure();
    expect(backlog).to.deep.equal({
      unfinished: 0,
      held: 0,
      oldestDueSeconds: 0,
      failingEndpoints: 0,
      disabledEndpoints: 0,
      deadLetters: 0,
    });
  });

  it('counts what is unfinished, and what is held back is not late', async () => {
    await endpoint({ status: 'active' }, 40);
    await endpoint({ status: 'active', held_until: new Date(Date.now() + 60_000) }, 500);
    await endpoint({ status: 'failing', held_until: new Date(Date.now() - 1_000) }, 600);
    await endpoint({ status: 'paused' }, 700);
    await endpoint({ status: 'disabled' }, 800);
    const { oldestDueSeconds, statsAgeSeconds: _age, ...counts } = await measure();
    expect(counts).to.deep.equal({ unfinished: 5, held: 3, failingEndpoints: 1, disabledEndpoints: 1, deadLetters: 0 });
    expect(oldestDueSeconds).to.be.within(40, 80);
  });

  it('counts the dead letters of endpoints that are not deleted, and nothing that was purged', async () => {
    const before = (await measure()).deadLetters;
    const { orgId } = await createOrganization(database);
    const [kept, deleted] = [newId(), newId()];
    await withTenant(database.app, orgId, async (trx) => {
      const endpoint = { org_id: orgId, name: 'E', url: 'https://example.com', event_types: ['*'] };
      await trx('webhook_endpoints').insert([
        { ...endpoint, id: kept, deleted_at: null },
        { ...endpoint, id: deleted, deleted_at: new Date() },
      ]);
      const given = (endpointId: string, status: string) => {
        const ids = { org_id: orgId, id: newId(), event_id: newId(), endpoint_id: endpointId };
        return { ...ids, event_type: 'lead.created', status, next_attempt_at: null };
      };
      await trx('deliveries').insert([given(kept, 'dead'), given(kept, 'dead'), given(kept, 'cancelled'), given(deleted, 'dead')]);
    });
    expect((await measure()).deadLetters - before).to.equal(2);
  });

  it('knows how long ago attempts were counted', async () => {
    await database.system('webhook_stats_progress').update({ rolled_until: new Date(Date.now() - 500_000) });
    expect((await measure()).statsAgeSeconds).to.be.within(500, 540);
  });
});
