import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { expect } from 'chai';
import { withTenant } from '../../db/tenancy.ts';
import { systemClock } from '../../server/clock.ts';
import { newId, typeId } from '../../server/ids.ts';
import { createSubjectKeys } from '../../services/audit/subjectKeys.ts';
import { createVault } from '../../services/crypto/vault.ts';
import { startEncryptionKeyRotation } from '../../services/encryptionKeys/lifecycle.ts';
import { startMasterRotation } from '../../services/encryptionKeys/start.ts';
import { secretContext } from '../../services/webhooks/secrets.ts';
import { workflowId } from '../../workflows/encryptionKeyRotation/contract.ts';
import { createInstallation } from '../support/installation.ts';
import type { Installation } from '../support/installation.ts';
import { TestTenant } from '../support/tenant.ts';
import { TEST_SECRETS } from '../support/testConfig.ts';

const OLD = TEST_SECRETS.ENCRYPTION_KEYS;
const NEXT = `next:${Buffer.alloc(32, 2).toString('base64')}`;
const SECRETS = 6_000;

describe('faults: the worker is killed while keys are rotated', function () {
  this.timeout(120_000);
  let installation: Installation;
  let connection: Connection;
  let tenant: TestTenant;
  let endpointId: string;

  before(async () => {
    const env = { ENCRYPTION_KEYS: `${NEXT},${OLD}` };
    installation = await createInstallation({ env, workerArgs: ['--import', './server/local/followParent.ts'] });
    connection = await Connection.connect({ address: installation.temporal.address });
    tenant = await TestTenant.create(installation.database);
    endpointId = (await tenant.webhook({})).id;
    await plantSecrets();
    await installation.worker.start();
  });
  after(async () => {
    await connection.close();
    await installation.dispose();
  });

  /** As releases before data keys sealed them: under the master key itself. */
  async function plantSecrets(): Promise<void> {
    const { app } = installation.database;
    const master = createVault(OLD);
    const row = (n: number) => {
      const id = newId();
      return { org_id: tenant.orgId, id, endpoint_id: endpointId, sealed: master.seal(`secret ${n}`, secretContext(tenant.orgId, id)) };
    };
    for (let n = 0; n < SECRETS; n += 1_000) {
      const rows = Array.from({ length: 1_000 }, (_none, at) => row(n + at));
      await withTenant(app, tenant.orgId, (trx) => trx.batchInsert('webhook_secrets', rows, 500));
    }
  }

  const left = async (): Promise<number> => {
    const { rows } = await installation.database.system.raw<{ rows: { left: number }[] }>(
      'SELECT count(*) AS left FROM webhook_secrets WHERE get_byte(sealed, 0) = 1',
    );
    return rows[0]!.left;
  };

  it('another one finishes from where it stood; values that people wrote meanwhile stay, and all of them open without the old key', async () => {
    const { database, temporal, worker } = installation;
    const vault = createVault(`${NEXT},${OLD}`);
    const deps = { system: database.system, vault, subjectKeys: createSubjectKeys(vault), clock: systemClock, propagationMs: 0 };
    const id = await startMasterRotation(deps);
    const client = new Client({ connection, namespace: temporal.namespace });
    await startEncryptionKeyRotation(client, id);
    while ((await left()) === SECRETS) await sleep(2);
    await worker.kill();
    const between = await left();
    expect(between).to.be.within(1, SECRETS - 1);
    const own = await withTenant(database.app, tenant.orgId, (trx) => vault.of(trx, tenant.orgId));
    const changed = (await tenant.rows<{ id: string }>('webhook_secrets')).at(-1)!.id;
    await tenant.update('webhook_secrets', { id: changed }, () => ({
      sealed: own.seal('written meanwhile', secretContext(tenant.orgId, changed)),
    }));
    await worker.start();
    await client.workflow.getHandle(workflowId({ rotationId: typeId('ekr', id) })).result();
    expect(await left()).to.equal(0);
    const alone = await withTenant(database.app, tenant.orgId, (trx) => createVault(NEXT).of(trx, tenant.orgId));
    const rows = await tenant.rows<{ id: string; sealed: Buffer }>('webhook_secrets');
    const opened = rows.map((row) => [row.id, alone.open(row.sealed, secretContext(tenant.orgId, row.id)).toString()] as const);
    expect(opened).to.have.length(SECRETS + 1);
    expect(new Map(opened).get(changed)).to.equal('written meanwhile');
    expect(new Set(opened.map(([, text]) => text)).size).to.equal(SECRETS + 1);
    console.log(`      killed after ${SECRETS - between} of ${SECRETS} values`);
  });
});
