import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { deadLetters } from '../../db/queries/deadLetters.ts';
import { withTenant } from '../../db/tenancy.ts';
import { newId } from '../../server/ids.ts';
import { useDatabase } from '../support/database.ts';
import { plantTenant, tenantRows } from './support/tenantRows.ts';
import type { TenantIds } from './support/tenantRows.ts';

const ROWS = 200;

describe('the cost of a claim', () => {
  const database = useDatabase();
  let tenant: TenantIds;
  before(async () => {
    const superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
    tenant = await plantTenant(superuser);
    const row = tenantRows(tenant)['deliveries']!;
    await superuser('deliveries').insert(Array.from({ length: ROWS }, () => ({ ...row, id: newId(), event_id: newId() })));
    await superuser.raw('ANALYZE deliveries');
    await superuser.destroy();
  });

  it('claiming and renewing write no index entry: most updates stay in their page', async () => {
    const share = await withTenant(database.app, tenant.orgId, async (trx) => {
      await trx('deliveries').update({ status: 'in_flight', claim_id: newId(), claimed_until: new Date() });
      return hotShare(trx);
    });
    expect(share).to.be.above(0.8);
  });

  it('what is due is found through its own index, in order, under row level security', async () => {
    const plan = await withTenant(database.app, tenant.orgId, async (trx) => {
      await trx.raw('SET LOCAL enable_seqscan = off');
      const { rows } = await trx.raw<{ rows: Record<string, string>[] }>(
        `EXPLAIN SELECT id FROM deliveries WHERE endpoint_id = '${tenant.endpointId}' AND next_attempt_at <= now()
         ORDER BY next_attempt_at LIMIT 10 FOR UPDATE SKIP LOCKED`,
      );
      return rows.map((row) => Object.values(row)[0]).join('\n');
    });
    expect(plan)
      .to.match(/Index Scan using deliveries_due/)
      .and.not.match(/Sort/);
  });

  it('dead letters are found through an index that holds neither what waits nor what was delivered', async () => {
    const plan = await withTenant(database.app, tenant.orgId, async (trx) => {
      await trx.raw('SET LOCAL enable_seqscan = off');
      const scope = { orgId: tenant.orgId, workspaceId: null, endpointId: null, eventType: null, since: null, until: null };
      const { sql, bindings } = deadLetters(trx, scope).orderBy('id', 'desc').limit(50).toKnexQuery().toSQL();
      const { rows } = await trx.raw<{ rows: Record<string, string>[] }>(`EXPLAIN ${sql}`, bindings as string[]);
      return rows.map((row) => Object.values(row)[0]).join('\n');
    });
    expect(plan).to.contain('deliveries_given_up');
  });
});

/** Of the rows this transaction updated, the part that needed no new index entry. */
async function hotShare(trx: Knex): Promise<number> {
  const { rows } = await trx.raw<{ rows: { share: number }[] }>(`
    SELECT pg_stat_get_xact_tuples_hot_updated(oid)::float / pg_stat_get_xact_tuples_updated(oid) AS share
    FROM pg_class WHERE relname = 'deliveries'`);
  return rows[0]!.share;
}
