import { verify } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { runInTenant } from '../../services/runInTenant.ts';
import { startOutboxRelay } from '../../services/outbox/lifecycle.ts';
import { findOverdueRotations, ROTATION_TOPIC } from '../../services/outbox/rotations.ts';
import { deleteWebhook } from '../../services/webhooks/delete.ts';
import { keepRotation } from '../../services/webhooks/keepRotation.ts';
import { wakeEndpoint } from '../../services/webhooks/lifecycle.ts';
import { rotateSecret } from '../../services/webhooks/rotateSecret.ts';
import type { RotatedSecret } from '../../services/webhooks/rotateSecret.ts';
import { parseSigningKey } from '../../services/webhooks/signingKey.ts';
import { typeId } from '../../server/ids.ts';
import * as endpointDelivery from '../../workflows/endpointDelivery/contract.ts';
import * as outboxRelay from '../../workflows/outboxRelay/contract.ts';
import { workflowId } from '../../workflows/webhookSecretRotation/contract.ts';
import { useDatabase } from '../support/database.ts';
import { recordHistory } from '../support/recordHistory.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Received, Receiver } from '../support/receiver.ts';
import { TestTenant } from '../support/tenant.ts';
import { useWorker } from '../support/worker.ts';

/** A delivery has to be made within it, also on a machine that other work loads. */
const OVERLAP_SECONDS = 5;

describe('webhookSecretRotation', function () {
  this.timeout(30_000);
  const database = useDatabase();
  const worker = useWorker(database, { WEBHOOK_LINGER_SECONDS: '0' });
  let tenant: TestTenant;
  let receiver: Receiver;

  before(async () => {
    receiver = await startReceiver();
    tenant = await TestTenant.create(database);
  });
  after(() => receiver.close());

  const handle = (endpointId: string, { rotations }: RotatedSecret) => {
    const ids = {
      orgId: typeId('org', tenant.orgId),
      endpointId: typeId('whk', endpointId),
      secretId: typeId('sec', rotations[0]!.secretId),
    };
    return worker.deps.temporal.workflow.getHandle(workflowId(ids));
  };
  const promise = (endpointId: string, overlapSeconds: number) =>
    runInTenant(worker.deps, tenant.actor, (context) => rotateSecret(context, endpointId, overlapSeconds));
  const rotate = async (endpointId: string, overlapSeconds: number) => {
    const rotated = await promise(endpointId, overlapSeconds);
    for (const each of rotated.rotations) await keepRotation(worker.deps, each);
    return rotated;
  };
  const retired = () => tenant.rows<{ target_id: string; workflow_id: string }>('audit_view', { action: 'webhooks.secret_retired' }, 'at');
  const deliver = async (endpointId: string, path: string): Promise<Received> => {
    await tenant.publish({ data: { path } });
    await wakeEndpoint(worker.deps.temporal, { orgId: tenant.orgId, endpointId });
    const ids = { orgId: typeId('org', tenant.orgId), endpointId: typeId('whk', endpointId) };
    await worker.deps.temporal.workflow.getHandle(endpointDelivery.workflowId(ids)).result();
    return receiver.received.filter((request) => request.path === path).at(-1)!;
  };
  const accepts = (secret: string, { body, headers }: Received): boolean => {
    try {
      new Webhook(secret).verify(body, headers);
      return true;
    } catch {
      return false;
    }
  };

  it('both secrets verify while they overlap, the new one alone afterwards, and the old one is erased', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/a` });
    const rotated = await rotate(webhook.id, OVERLAP_SECONDS);
    const during = await deliver(webhook.id, '/a');
    expect([accepts(webhook.secret, during), accepts(rotated.secret!, during)]).to.deep.equal([true, true]);
    expect((await handle(webhook.id, rotated).describe()).status.name).to.equal('RUNNING');
    await handle(webhook.id, rotated).result();
    const afterwards = await deliver(webhook.id, '/a');
    expect([accepts(webhook.secret, afterwards), accepts(rotated.secret!, afterwards)]).to.deep.equal([false, true]);
    expect(await tenant.rows('webhook_secrets', { endpoint_id: webhook.id })).to.have.length(1);
    const [entry] = (await retired()).filter(({ target_id: target }) => target === typeId('whk', webhook.id));
    expect(entry?.workflow_id).to.equal(handle(webhook.id, rotated).workflowId);
    await recordHistory(worker.deps.temporal, handle(webhook.id, rotated).workflowId, 'webhookSecretRotation-v1-retired');
  });

  it('v1a: both keys verify while they overlap, and then the old public key is gone', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/b`, signature: 'v1a' });
    const rotated = await rotate(webhook.id, OVERLAP_SECONDS);
    const [newKey, oldKey] = rotated.webhook.publicKeys;
    const during = await deliver(webhook.id, '/b');
    for (const publicKey of [newKey!, oldKey!]) expect(verifies(publicKey, during)).to.equal(true);
    await handle(webhook.id, rotated).result();
    const afterwards = await deliver(webhook.id, '/b');
    expect([verifies(oldKey!, afterwards), verifies(newKey!, afterwards)]).to.deep.equal([false, true]);
    const [row] = await tenant.rows<{ public_keys: string[] }>('webhook_endpoints', { id: webhook.id });
    expect(row?.public_keys).to.deep.equal([newKey]);
  });

  it('started twice, it retires once', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/twice` });
    const rotated = await rotate(webhook.id, 1);
    await keepRotation(worker.deps, rotated.rotations[0]!);
    await handle(webhook.id, rotated).result();
    await keepRotation(worker.deps, rotated.rotations[0]!);
    expect((await retired()).filter(({ target_id: target }) => target === typeId('whk', webhook.id))).to.have.length(1);
    expect(await tenant.rows('webhook_secrets', { endpoint_id: webhook.id })).to.have.length(1);
  });

  it('ends quietly when the endpoint is deleted meanwhile', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/deleted` });
    const rotated = await rotate(webhook.id, 1);
    await runInTenant(worker.deps, tenant.actor, (context) => deleteWebhook(context, webhook.id));
    await handle(webhook.id, rotated).result();
    expect((await retired()).map(({ target_id: target }) => target)).to.not.include(typeId('whk', webhook.id));
  });

  it('a process that died between commit and start loses nothing: the relay starts it', async () => {
    const webhook = await tenant.webhook({ url: `${receiver.url}/promised` });
    const rotated = await promise(webhook.id, 1);
    await startOutboxRelay(worker.deps.temporal);
    while ((await tenant.rows('webhook_secrets', { endpoint_id: webhook.id })).length > 1) await sleep(50);
    await handle(webhook.id, rotated).result();
    while ((await tenant.rows('outbox', { topic: ROTATION_TOPIC })).length > 0) await sleep(50);
    await worker.deps.temporal.workflow.getHandle(outboxRelay.workflowId()).terminate();
  });

  it('a replaced secret whose workflow was lost is found when it is overdue, and one that still signs is not', async () => {
    const [lost, fresh] = [await tenant.webhook({}), await tenant.webhook({})];
    const { rotations } = await promise(lost.id, 3_600);
    await promise(fresh.id, 3_600);
    await tenant.update('webhook_secrets', { id: rotations[0]!.secretId }, (trx) => ({
      expires_at: trx.raw("now() - interval '1 hour'"),
    }));
    const overdue = await database.system.transaction((trx) => findOverdueRotations(trx, { overdueMs: 60_000, limit: 10 }));
    expect(overdue.map(({ secretId }) => secretId)).to.deep.equal([rotations[0]!.secretId]);
    await keepRotation(worker.deps, overdue[0]!);
    while ((await tenant.rows('webhook_secrets', { endpoint_id: lost.id })).length > 1) await sleep(50);
  });

  it('keeps secrets out of the history, of both schemes', async () => {
    for (const signature of ['v1', 'v1a'] as const) {
      const webhook = await tenant.webhook({ url: `${receiver.url}/history-${signature}`, signature });
      const rotated = await rotate(webhook.id, 1);
      await handle(webhook.id, rotated).result();
      const history = JSON.stringify(await handle(webhook.id, rotated).fetchHistory(), (_key, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
      );
      expect(history).to.include(typeId('whk', webhook.id));
      const parts = [webhook.secret, rotated.secret, 'whsec_', 'whsk_', 'whpk_', receiver.url].filter((part) => part);
      for (const part of parts) expect(history).not.to.include(part);
    }
  });

  function verifies(publicKey: string, { headers, body }: Received): boolean {
    const key = parseSigningKey(publicKey);
    if (key.scheme !== 'v1a-public') return false;
    const content = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
    const signatures = headers['webhook-signature']!.split(' ').map((each) => Buffer.from(each.slice('v1a,'.length), 'base64'));
    return signatures.some((signature) => verify(null, content, key.publicKey, signature));
  }
});
