import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { withTenant } from '../../db/tenancy.ts';
import { newId } from '../../server/ids.ts';
import { CLAIM_DUE } from '../../services/webhooks/claim.ts';
import { CLAIM_EXPRESS } from '../../services/webhooks/express/claim.ts';
import { useDatabase } from '../support/database.ts';
import { plantTenant } from './support/tenantRows.ts';
import type { TenantIds } from './support/tenantRows.ts';

/** Due deliveries of the endpoint, beside as many that were delivered long ago. */
const ROWS = 10_000;

describe('the plan of a claim', function () {
  this.timeout(30_000);
  const database = useDatabase();
  let superuser: Knex;
  let tenant: TenantIds;
  before(async () => {
    superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
    tenant = await plantTenant(superuser);
    await superuser.raw('ALTER TABLE deliveries SET (autovacuum_enabled = false)');
    await superuser.raw(
      `INSERT INTO deliveries (org_id, id, event_id, event_type, endpoint_id, status, next_attempt_at, delivered_at)
       SELECT ?, gen_random_uuid(), gen_random_uuid(), 'lead.created', ?, CASE WHEN due THEN 'pending' ELSE 'delivered' END,
              CASE WHEN due THEN now() END, CASE WHEN due THEN NULL ELSE now() END
         FROM generate_series(1, ?), (VALUES (true), (false)) AS each (due)`,
      [tenant.orgId, tenant.endpointId, ROWS],
    );
  });
  after(() => superuser.destroy());

  const claims = {
    'of an endpoint’s own workflow': () => ({
      text: CLAIM_DUE,
      types: 'uuid, uuid, int, uuid, int',
      values: `'${tenant.orgId}', '${tenant.endpointId}', 100, '${newId()}', 30000`,
    }),
    'of the express lane': () => ({
      text: CLAIM_EXPRESS,
      types: 'uuid, uuid[], int, int, uuid, int',
      values: `'${tenant.orgId}', '{${tenant.endpointId}}', 20, 500, '${newId()}', 30000`,
    }),
  };

  const planOf = (of: keyof typeof claims, mode: string): Promise<string> =>
    withTenant(database.app, tenant.orgId, async (trx) => {
      const { text, types, values } = claims[of]();
      await trx.raw(`SET LOCAL plan_cache_mode = ${mode}`);
      await trx.raw(`PREPARE claim (${types}) AS ${text}`);
      const { rows } = await trx.raw<{ rows: Record<string, string>[] }>(`EXPLAIN EXECUTE claim (${values})`);
      await trx.raw('DEALLOCATE claim');
      return rows.map((row) => Object.values(row)[0]).join('\n');
    });

  // A plan that reads all deliveries of the endpoint, or of the organization, took up to three seconds beside a backlog of 50,000.
  for (const statistics of ['without statistics', 'with statistics']) {
    for (const of of Object.keys(claims) as (keyof typeof claims)[]) {
      for (const mode of ['force_custom_plan', 'force_generic_plan']) {
        it(`${of} looks at what is due alone, and updates by key: ${statistics}, ${mode}`, async () => {
          if (statistics === 'with statistics') await superuser.raw('ANALYZE deliveries');
          expect(await planOf(of, mode))
            .to.match(/Index Scan using deliveries_due on deliveries/)
            .and.not.match(/Seq Scan on deliveries|Sort Key: deliveries/);
        });
      }
    }
  }
});
