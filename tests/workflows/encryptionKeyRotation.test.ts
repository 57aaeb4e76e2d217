import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { typeId } from '../../server/ids.ts';
import { withTenant } from '../../db/tenancy.ts';
import { systemClock } from '../../server/clock.ts';
import { findStalledKeyRotations } from '../../services/encryptionKeys/findStalled.ts';
import { startEncryptionKeyRotation } from '../../services/encryptionKeys/lifecycle.ts';
import { startDataRotation } from '../../services/encryptionKeys/start.ts';
import { startOutboxRelay } from '../../services/outbox/lifecycle.ts';
import { secretContext } from '../../services/webhooks/secrets.ts';
import { progressQuery, workflowId } from '../../workflows/encryptionKeyRotation/contract.ts';
import type { RotationProgress } from '../../workflows/encryptionKeyRotation/contract.ts';
import * as outboxRelay from '../../workflows/outboxRelay/contract.ts';
import { useDatabase } from '../support/database.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

describe('encryptionKeyRotation', function () {
  this.timeout(30_000);
  const database = useDatabase();
  const worker = useWorker(database, { DATA_KEY_CACHE_SECONDS: '1' });
  let tenant: TestTenant;
  let secret: string;
  beforeEach(async () => {
    tenant = await TestTenant.create(database);
    ({ secret } = await tenant.webhook({}));
  });

  const start = (): Promise<string> => {
    const { vault, subjectKeys } = worker.deps;
    return startDataRotation({ system: database.system, vault, subjectKeys, clock: systemClock, propagationMs: 2_000 }, tenant.orgId);
  };
  const handle = (id: string) => worker.deps.temporal.workflow.getHandle(workflowId({ rotationId: typeId('ekr', id) }));
  const row = async (id: string) =>
    (await database.system('encryption_key_rotations').where({ id }).first()) as { outcome: string | null; key_id: string };

  it('gives an organization a new data key, and no key, secret or idempotency key stands in its history', async () => {
    const id = await start();
    await startEncryptionKeyRotation(worker.deps.temporal, id);
    const result = (await handle(id).result()) as RotationProgress;
    expect(result.outcome).to.equal('done');
    expect(await handle(id).query(progressQuery)).to.deep.equal(result);
    const [stored] = await tenant.rows<{ id: string; sealed: Buffer }>('webhook_secrets');
    const { key_id: keyId } = await row(id);
    expect(worker.deps.vault.keyIdOf(stored!.sealed)).to.equal(keyId);
    const vault = await withTenant(database.app, tenant.orgId, (trx) => worker.deps.vault.of(trx, tenant.orgId));
    expect(vault.open(stored!.sealed, secretContext(tenant.orgId, stored!.id)).toString()).to.equal(secret);
    const history = JSON.stringify(await handle(id).fetchHistory());
    for (const encoded of [secret, Buffer.from(secret).toString('base64').slice(0, 20), tenant.key])
      expect(history).to.not.contain(encoded);
    await recordHistory(worker.deps.temporal, handle(id).workflowId, 'encryptionKeyRotation-v1-data-key');
  });

  it('is started by the relay when the command died before it could, or Temporal lost its store', async () => {
    const id = await start();
    await database
      .system('encryption_key_rotations')
      .where({ id })
      .update({ updated_at: new Date(0), next_step_at: new Date(0) });
    expect(await database.system.transaction((trx) => findStalledKeyRotations(trx, { overdueMs: 60_000 }))).to.deep.equal([id]);
    await startOutboxRelay(worker.deps.temporal);
    while ((await row(id)).outcome === null) await sleep(100);
    await worker.deps.temporal.workflow.getHandle(outboxRelay.workflowId()).terminate();
    expect((await row(id)).outcome).to.equal('done');
  });
});
