import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { withTenant } from '../../db/tenancy.ts';
import { newId, typeId } from '../../server/ids.ts';
import { keepDeletion } from '../../services/organizations/deletion/keep.ts';
import { requestDeletion } from '../../services/organizations/deletion/request.ts';
import { startOutboxRelay } from '../../services/outbox/lifecycle.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import { keepRotation } from '../../services/webhooks/keepRotation.ts';
import { rotateSecret } from '../../services/webhooks/rotateSecret.ts';
import { workflowId } from '../../workflows/organizationDeletion/contract.ts';
import * as outboxRelay from '../../workflows/outboxRelay/contract.ts';
import { workflowId as rotationId } from '../../workflows/webhookSecretRotation/contract.ts';
import { useDatabase } from '../support/database.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

describe('organizationDeletion on a server that keeps real time', function () {
  this.timeout(60_000);
  const database = useDatabase();
  const worker = useWorker(database);

  it('the relay starts what a dead process promised; the organization’s other workflows end; nothing is left', async () => {
    const tenant = await TestTenant.create(database);
    const { temporal } = worker.deps;
    const orgId = typeId('org', tenant.orgId);
    const webhook = await tenant.webhook({});
    const { rotations } = await runInTenant(worker.deps, tenant.actor, (context) => rotateSecret(context, webhook.id, 3_600));
    await keepRotation(worker.deps, rotations[0]!);
    const secretId = typeId('sec', rotations[0]!.secretId);
    const rotation = temporal.workflow.getHandle(rotationId({ orgId, endpointId: typeId('whk', webhook.id), secretId }));
    await tenant.publish(...Array.from({ length: 50 }, (_none, n) => ({ data: { n } })));

    await promiseDeletion(tenant);
    await change(tenant, { deletion_due_at: new Date(Date.now() - 1_000) });
    await startOutboxRelay(temporal);
    const deletion = temporal.workflow.getHandle(workflowId({ orgId }));
    while ((await row(tenant))['erasure_started_at'] === null) await sleep(50);
    while ((await rotation.describe()).status.name === 'RUNNING') await sleep(50);
    expect((await rotation.describe()).status.name).to.equal('TERMINATED');
    while ((await database.system('memberships').where({ org_id: tenant.orgId })).length > 0) await sleep(50);

    // As if the quarter of an hour were over in which a request under way may still write; one did.
    const late = { org_id: tenant.orgId, id: newId(), topic: 'endpoint.wake', subject_id: webhook.id };
    await withTenant(database.app, tenant.orgId, (trx) => trx('outbox').insert(late));
    await change(tenant, { erasure_started_at: new Date(Date.now() - 3_600_000) });
    await keepDeletion(worker.deps, { orgId: tenant.orgId, outboxIds: [] });
    await deletion.result();
    expect(await row(tenant)).to.include({ name: 'Erased organization' });
    for (const table of ['events', 'deliveries', 'webhook_secrets', 'data_keys', 'outbox', 'audit_view', 'audit_keys']) {
      expect(await database.system(table).where({ org_id: tenant.orgId }), table).to.deep.equal([]);
    }
    await temporal.workflow.getHandle(outboxRelay.workflowId()).terminate();
  });

  const row = async ({ orgId }: TestTenant) =>
    (await database.system('organizations').where({ id: orgId }).first()) as Record<string, unknown>;
  const change = ({ orgId }: TestTenant, values: object) => database.system('organizations').where({ id: orgId }).update(values);

  /** As a request would that dies behind its commit. */
  const promiseDeletion = (tenant: TestTenant) => {
    const session = {
      id: tenant.actor.id,
      email: 'a@b.example',
      membershipId: tenant.actor.id,
      amr: ['pwd'],
      authTime: new Date(),
      mfaAt: null,
    };
    return runInTenant(worker.deps, { ...tenant.actor, type: 'user', session }, (context) =>
      requestDeletion(context, { recoveryDays: 30 }),
    );
  };
});
