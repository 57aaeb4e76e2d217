import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { NAME, TASK_QUEUE } from '../../workflows/webhookRetention/contract.ts';
import { auditedChanges } from '../support/auditedChanges.ts';
import { createInstallation } from '../support/installation.ts';
import type { Installation } from '../support/installation.ts';
import { plantHistory } from '../support/oldHistory.ts';
import { TestTenant } from '../support/tenant.ts';

const OLD = 12_000;

describe('faults: the worker is killed while retention removes rows', function () {
  this.timeout(120_000);
  let installation: Installation;
  let superuser: Knex;
  let tenant: TestTenant;
  let connection: Connection;

  before(async () => {
    installation = await createInstallation({ workerArgs: ['--import', './server/local/followParent.ts'] });
    superuser = createKnex(installation.database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
    connection = await Connection.connect({ address: installation.temporal.address });
    tenant = await TestTenant.create(installation.database);
    const { id: endpointId } = await tenant.webhook({});
    for (let planted = 0; planted < OLD; planted += 2_000) {
      await plantHistory(superuser, { orgId: tenant.orgId, endpointId, daysOld: 400, count: 2_000 });
    }
    await plantHistory(superuser, { orgId: tenant.orgId, endpointId, daysOld: 400, count: 3, status: 'pending' });
    await installation.worker.start();
  });
  after(async () => {
    await Promise.all([superuser.destroy(), connection.close()]);
    await installation.dispose();
  });

  const left = async (): Promise<number> => Number((await superuser('events').where({ org_id: tenant.orgId }).count('* as n'))[0]!['n']);

  it('another one finishes: all that is old and finished is gone, and one audit entry counts all of it', async () => {
    const temporal = new Client({ connection, namespace: installation.temporal.namespace });
    const options = { workflowId: 'retention', taskQueue: TASK_QUEUE, args: [{ v: 1, after: null }] };
    const run = await temporal.workflow.start(NAME, options);
    while ((await left()) === OLD + 3) await sleep(5);
    await installation.worker.kill();
    const between = await left();
    expect(between).to.be.within(4, OLD + 2);
    await installation.worker.start();
    await run.result();
    expect(await left()).to.equal(3);
    const counted = { events: OLD, deliveries: OLD, dead_letters: 0, attempts: OLD };
    const changes = await auditedChanges(installation.database, tenant.orgId, 'webhooks.history.expired');
    expect(changes.map(({ before: _before, ...change }) => change)).to.deep.equal([{ retention_days: 365, ...counted }]);
    console.log(`      killed after ${OLD + 3 - between} of ${OLD} events`);
  });
});
