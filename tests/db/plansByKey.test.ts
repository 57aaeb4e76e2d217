import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { changeWithPipeline } from '../../db/pipeline.ts';
import { CHANGE } from '../../db/queries/changeWebhook.ts';
import { BY_KEY, preparedByKey } from '../../db/queries/preparedByKey.ts';
import { lockWebhook } from '../../db/queries/readWebhooks.ts';
import { withTenant } from '../../db/tenancy.ts';
import { newId } from '../../server/ids.ts';
import { SETTLE_EXPRESS, SETTLE_SERVED } from '../../services/outbox/wakes.ts';
import { RECORD_EXPRESS } from '../../services/webhooks/express/record.ts';
import { RECORD } from '../../services/webhooks/record.ts';
import { useDatabase } from '../support/database.ts';
import { plantTenant } from './support/tenantRows.ts';
import type { TenantIds } from './support/tenantRows.ts';

const ROWS = 10_000;
const RESULTS = 'uuid[], uuid[], uuid[], int[], timestamptz[], int[], int[], text[], text[], bool[], int[], text[], timestamptz[]';
const ID = "'00000000-0000-0000-0000-000000000001'::uuid";
const ONE_RESULT = `ARRAY[${ID}], ARRAY[${ID}], ARRAY[${ID}], '{1}', ARRAY[now()], '{5}', '{200}', '{NULL}', '{NULL}', '{false}', '{0}', '{delivered}', '{NULL}'`;

describe('statements that find their rows by key', function () {
  this.timeout(30_000);
  const database = useDatabase();
  let superuser: Knex;
  /** Statistics know the first alone. */
  let known: TenantIds;
  let tenant: TenantIds;
  before(async () => {
    superuser = createKnex(database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
    known = await plantTenant(superuser);
    tenant = await plantTenant(superuser);
    await superuser.raw('ALTER TABLE deliveries SET (autovacuum_enabled = false)');
    await superuser.raw('ALTER TABLE outbox SET (autovacuum_enabled = false)');
  });
  after(() => superuser.destroy());

  const deliver = async ({ orgId, endpointId }: TenantIds): Promise<void> => {
    await superuser.raw(
      `INSERT INTO deliveries (org_id, id, event_id, event_type, endpoint_id, next_attempt_at)
       SELECT ?, gen_random_uuid(), gen_random_uuid(), 'lead.created', ?, now() FROM generate_series(1, ?)`,
      [orgId, endpointId, ROWS],
    );
  };

  it('are planned so from their first in a transaction to its end', async () => {
    const sent: string[] = [];
    const listen = ({ sql }: { sql: string }): void => void sent.push(sql);
    const settings = "SELECT current_setting('plan_cache_mode') AS mode, current_setting('enable_seqscan') AS seqscan";
    const read = async (knex: Knex): Promise<unknown> => (await knex.raw<{ rows: unknown[] }>(settings)).rows[0];
    const single = createKnex(database.urls.app, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
    single.client.on('query', listen);
    try {
      await withTenant(single, tenant.orgId, async (trx) => {
        for (const n of [1, 2]) await preparedByKey(trx, `test-by-key-${n}`, `SELECT ${n}`, []);
        expect(await read(trx)).to.deep.equal({ mode: 'force_generic_plan', seqscan: 'off' });
      });
      expect(sent.filter((sql) => sql === BY_KEY)).to.have.lengthOf(1);
      expect(await read(single)).to.deep.equal({ mode: 'auto', seqscan: 'on' });
    } finally {
      await single.destroy();
    }
  });

  const planOf = (text: string, types: string, values: string): Promise<string> =>
    withTenant(database.app, tenant.orgId, async (trx) => {
      await trx.raw(BY_KEY);
      await trx.raw(`PREPARE statement (${types}) AS ${text}`);
      const { rows } = await trx.raw<{ rows: Record<string, string>[] }>(`EXPLAIN EXECUTE statement (${values})`);
      await trx.raw('DEALLOCATE statement');
      return rows.map((row) => Object.values(row)[0]).join('\n');
    });
  const recordOf = (lane: string): Promise<string> => {
    const [org, endpoint, claim] = [tenant.orgId, tenant.endpointId, newId()].map((id) => `'${id}'`);
    return lane === 'own'
      ? planOf(RECORD, `uuid, uuid, uuid, ${RESULTS}`, `${org}, ${endpoint}, ${claim}, ${ONE_RESULT}`)
      : planOf(RECORD_EXPRESS, `uuid, uuid, ${RESULTS}`, `${org}, ${claim}, ${ONE_RESULT}`);
  };

  // Planned for each call, it joined the results with all deliveries of an organization that came after the last ANALYZE: 150 ms beside 50,000 of them.
  for (const lane of ['own', 'express'])
    it(`results of the ${lane} lane find each delivery by its id, also of an organization that the statistics do not know`, async () => {
      await deliver(known);
      await superuser.raw('ANALYZE deliveries');
      await deliver(tenant);
      expect(await recordOf(lane))
        .to.match(/Index Cond: \(\(org_id = \$1\) AND \(id = r\.delivery_id\)\)/)
        .and.not.match(/Seq Scan on|Bitmap|Index Cond: \(org_id = [^)]*\)$/m);
    });

  // Other indexes that begin with the organization look as good to statistics of an empty table, and hold all rows that were deleted since the last vacuum.
  for (const [whose, text] of Object.entries({ 'an endpoint’s own run': SETTLE_SERVED, 'the express lane': SETTLE_EXPRESS }))
    it(`${whose} finds promises by their endpoint, also when the statistics take the outbox for empty`, async () => {
      await superuser.raw('DELETE FROM outbox');
      await superuser.raw('VACUUM ANALYZE outbox');
      const plan = await planOf(text, 'uuid, uuid[]', `'${tenant.orgId}', '{${tenant.endpointId}}'`);
      expect(plan)
        .to.match(/Index Scan using outbox_pkey.*\n\s+Index Cond: \(\(org_id = \$1\) AND \(subject_id = ANY \(\$2\)\)\)/)
        .and.not.match(/Seq Scan on|Bitmap|Index Cond: \(org_id = [^)]*\)$/m);
    });

  it('a change of an endpoint locks it and writes it by its key, also when the statistics take its table for empty', async () => {
    const { orgId, endpointId } = tenant;
    const lock = await changeWithPipeline(database.app, orgId, async (pipeline) => {
      await lockWebhook(pipeline, endpointId, { orgId, workspaceId: null });
      const text = `EXPLAIN EXECUTE "lock-webhook +-+" ('${orgId}', '${endpointId}')`;
      const { rows } = await pipeline.send<Record<string, string>>({ name: 'explain-lock', text, values: [] });
      return { written: Promise.resolve(rows.map((row) => Object.values(row)[0]).join('\n')) };
    });
    const change = await planOf(
      CHANGE,
      'uuid, uuid, text, text, text[]',
      `'${orgId}', '${endpointId}', 'a', '', '{}'${', NULL'.repeat(19)}`,
    );
    for (const plan of [lock, change])
      expect(plan)
        .to.match(/Index Scan using webhook_endpoints_pkey.*\n\s+Index Cond: \(\(org_id = \$1\) AND \(id = \$2\)\)/)
        .and.not.match(/Seq Scan|Bitmap/);
  });
});
