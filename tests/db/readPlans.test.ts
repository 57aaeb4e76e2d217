import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { Event } from '../../db/models/Event.ts';
import { WebhookEndpoint } from '../../db/models/WebhookEndpoint.ts';
import { listEvents, readEvent } from '../../db/queries/readEvents.ts';
import { listWebhooks, readWebhook } from '../../db/queries/readWebhooks.ts';
import { withTenant } from '../../db/tenancy.ts';
import { newId } from '../../server/ids.ts';
import { useDatabase } from '../support/database.ts';
import { plantTenant } from './support/tenantRows.ts';
import type { TenantIds } from './support/tenantRows.ts';

const ROWS = 5_000;

describe('reads of the hot path', function () {
  this.timeout(30_000);
  const database = useDatabase();
  let superuser: Knex;
  let tenant: TenantIds;
  before(async () => {
    superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
    tenant = await plantTenant(superuser);
    await superuser.raw(
      `INSERT INTO events (org_id, id, type, occurred_at, payload)
       SELECT ?, uuidv7_floor(now() - n * interval '1 second'), 'lead.created', now(), '{}' FROM generate_series(1, ?) AS n`,
      [tenant.orgId, ROWS],
    );
    await superuser.raw('ANALYZE events');
  });
  after(() => superuser.destroy());

  const everyEvent: Omit<Parameters<typeof listEvents>[1], 'orgId'> = {
    workspaceId: null,
    type: null,
    ownType: null,
    since: null,
    until: null,
    before: null,
    limit: 20,
  };

  it('give each field the value that its model has', async () => {
    const { orgId, endpointId, eventId } = tenant;
    await withTenant(database.app, orgId, async (trx) => {
      const webhook = await WebhookEndpoint.query(trx).findOne({ org_id: orgId, id: endpointId }).throwIfNotFound();
      expect(webhook).to.deep.include({ ...(await readWebhook(trx, endpointId, { orgId, workspaceId: null })) });
      const event = await Event.query(trx).findOne({ org_id: orgId, id: eventId }).throwIfNotFound();
      expect(event).to.deep.include({ ...(await readEvent(trx, eventId, { orgId, workspaceId: null })) });
    });
  });

  it('find nothing of another organization, even when it is asked for', async () => {
    const { orgId, endpointId, eventId } = tenant;
    await withTenant(database.app, newId(), async (trx) => {
      expect(await readWebhook(trx, endpointId, { orgId, workspaceId: null })).to.equal(undefined);
      expect(await readEvent(trx, eventId, { orgId, workspaceId: null })).to.equal(undefined);
      expect(await listWebhooks(trx, { orgId, workspaceId: null, before: null, limit: 20 })).to.deep.equal([]);
      expect(await listEvents(trx, { ...everyEvent, orgId })).to.deep.equal([]);
    });
  });

  // A plan that read all events of the organization and sorted them would cost more with each day. Pages are read with the kept plan.
  const now = new Date();
  const pages: [of: string, filter: Partial<typeof everyEvent>, statement: string][] = [
    ['all', {}, '+------'],
    ['those behind the page before', { before: newId() }, '+-----+'],
    ['one type', { type: 'lead.created' }, '+--+---'],
    ['a time, behind the page before', { since: new Date(now.getTime() - 60_000), until: now, before: newId() }, '+---+++'],
  ];
  for (const mode of ['force_custom_plan', 'force_generic_plan']) {
    for (const [of, filter, statement] of pages) {
      it(`a page of events is read along the key: ${of}, ${mode}`, async () => {
        const plan = await withTenant(database.app, tenant.orgId, async (trx) => {
          await listEvents(trx, { ...everyEvent, ...filter, orgId: tenant.orgId });
          await trx.raw(`SET LOCAL plan_cache_mode = ${mode}`);
          const values = [tenant.orgId, filter.type, filter.since?.toISOString(), filter.until?.toISOString(), filter.before].filter(
            Boolean,
          );
          const { rows: lines } = await trx.raw<{ rows: object[] }>(
            `EXPLAIN EXECUTE "list-events ${statement}" (${values.map((value) => `'${value}'`).join(', ')}, 20)`,
          );
          return lines.map((line) => Object.values(line)[0] as string).join('\n');
        });
        expect(plan)
          .to.match(/Index Scan Backward using events_2\d{3}_\d\d_pkey/)
          .and.not.match(/Seq Scan|Sort Key: events_2/);
      });
    }
  }

  it('a type that is neither known nor the own of the organization reads no event', async () => {
    const plan = await withTenant(database.app, tenant.orgId, async (trx) => {
      const mistyped = { ...everyEvent, orgId: tenant.orgId, type: 'lead.craeted', ownType: 'lead.craeted' };
      expect(await listEvents(trx, mistyped)).to.deep.equal([]);
      const { rows } = await trx.raw<{ rows: { name: string }[] }>(
        "SELECT name FROM pg_prepared_statements WHERE statement LIKE '%EXISTS (SELECT FROM event_types%'",
      );
      const { rows: lines } = await trx.raw<{ rows: object[] }>(
        `EXPLAIN (ANALYZE, COSTS OFF) EXECUTE "${rows[0]!.name}" ('${tenant.orgId}', 'lead.craeted', 'lead.craeted', 20)`,
      );
      return lines.map((line) => Object.values(line)[0] as string);
    });
    const scans = plan.filter((line) => / on events_2/.test(line));
    expect(scans).to.not.deep.equal([]);
    expect(scans.filter((line) => !line.includes('never executed'))).to.deep.equal([]);
  });
});
