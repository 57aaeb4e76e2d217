import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { expect } from 'chai';
import type { Knex } from 'knex';
import { createKnex } from '../../db/knex.ts';
import { typeId } from '../../server/ids.ts';
import { bundleWorkflows } from '../../server/local/bundleWorkflows.ts';
import { callApi } from '../../server/local/apiClient.ts';
import { waitUntil } from '../../server/local/waitUntil.ts';
import { parseApiKey } from '../../services/apiKeys/format.ts';
import { statusQuery } from '../../workflows/keyRotation/contract.ts';
import { dumpOf } from '../support/dump.ts';
import { createApiKey, createOrganization } from '../support/factories.ts';
import type { TestOrganization } from '../support/factories.ts';
import { createInstallation } from '../support/installation.ts';
import type { Installation } from '../support/installation.ts';
import { rowsOf } from '../support/webhooks.ts';

interface Rotated {
  id: string;
  key: string;
  rotation: Rotation;
}

interface Rotation {
  state: string;
  end_reason: string | null;
  retires_at: string;
}

describe('faults: the worker is killed in the middle of a rotation', function () {
  this.timeout(120_000);
  let installation: Installation;
  let superuser: Knex;
  let connection: Connection;
  let organization: TestOrganization;
  let bundleDir: string;
  const secrets: string[] = [];

  before(async () => {
    bundleDir = mkdtempSync(join(tmpdir(), 'artisan-test-'));
    // Made once: the worker is started three times.
    const WORKFLOW_BUNDLE_PATH = await bundleWorkflows(bundleDir, AbortSignal.timeout(60_000));
    installation = await createInstallation({ env: { USAGE_FLUSH_SECONDS: '1', LOG_LEVEL: 'trace', WORKFLOW_BUNDLE_PATH } });
    superuser = createKnex(installation.database.urls.superuser, { max: 1, applicationName: 'test', statementTimeoutMs: 20_000 });
    connection = await Connection.connect({ address: installation.temporal.address });
    await Promise.all([installation.api.start(), installation.worker.start()]);
    organization = await createOrganization(installation.database);
    secrets.push(organization.key);
  });
  after(async () => {
    await Promise.all([superuser.destroy(), connection.close()]);
    await installation.dispose();
    rmSync(bundleDir, { recursive: true });
  });

  const call = <T>(method: string, path: string, body?: object): Promise<T> =>
    callApi<T>(installation.api.url, organization.key, method, `/admin/api-keys/${path}`, body);
  const rotate = async (order: object): Promise<{ oldId: string; old: string; rotated: Rotated }> => {
    const { id, key: old } = await createApiKey(installation.database, organization);
    const oldId = typeId('key', id);
    const rotated = await call<Rotated>('POST', `${oldId}/rotate`, order);
    secrets.push(old, rotated.key);
    return { oldId, old, rotated };
  };
  const status = async (key: string): Promise<number> =>
    (await fetch(`${installation.api.url}/api/v1/admin/permissions/me`, { headers: { authorization: `Bearer ${key}` } })).status;
  const over = (oldId: string): Promise<Rotation> =>
    waitUntil(
      'the end of the rotation',
      async () => {
        const rotation = await call<Rotation>('GET', `${oldId}/rotation`);
        return rotation.state === 'overlapping' ? null : rotation;
      },
      { timeoutMs: 40_000 },
    );
  const retired = async (oldId: string): Promise<number> =>
    (await rowsOf(installation.database, organization.orgId, 'audit_view', { action: 'api_keys.retire', target_id: oldId }, 'entry_id'))
      .length;

  it('with no worker the old key still goes at its time; the next worker puts the end on record, once', async () => {
    const { oldId, old, rotated } = await rotate({ grace_seconds: 10 });
    const temporal = new Client({ connection, namespace: installation.temporal.namespace });
    const handle = temporal.workflow.getHandle(`keyRotation:${typeId('org', organization.orgId)}:${oldId}`);
    const asleep = async () => ((await handle.query(statusQuery)).state === 'overlapping' ? true : null);
    await waitUntil('the workflow', () => asleep().catch(() => null), { timeoutMs: 20_000 });
    await installation.worker.kill();
    expect([await status(old), await status(rotated.key)]).to.deep.equal([200, 200]);
    await sleep(Math.max(0, Date.parse(rotated.rotation.retires_at) - Date.now()) + 50);
    expect([await status(old), await status(rotated.key)]).to.deep.equal([401, 200]);
    expect([(await call<Rotation>('GET', `${oldId}/rotation`)).state, await retired(oldId)]).to.deep.equal(['overlapping', 0]);
    await installation.worker.start();
    expect(await over(oldId)).to.include({ state: 'finished', end_reason: 'grace_over' });
    expect(await retired(oldId)).to.equal(1);
  });

  it('used while the worker was dead, the new key ends the old one when the next worker comes', async () => {
    await installation.worker.kill();
    const { oldId, old, rotated } = await rotate({ grace_seconds: 86_400, retire_after_first_use_minutes: 0 });
    expect([await status(old), await status(rotated.key)]).to.deep.equal([200, 200]);
    await installation.worker.start();
    expect(await over(oldId)).to.include({ state: 'finished', end_reason: 'new_key_used' });
    expect([await status(old), await status(rotated.key), await retired(oldId)]).to.deep.equal([401, 200, 1]);
  });

  it('no part of a key stands in a history, in the log of either process, or in a dump of the database', async () => {
    const temporal = new Client({ connection, namespace: installation.temporal.namespace });
    let histories = '';
    for await (const { workflowId, runId } of temporal.workflow.list()) {
      const history = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
      histories += JSON.stringify(history, (_key, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
      );
    }
    const dump = await dumpOf(superuser);
    const logs = installation.api.log() + installation.worker.log();
    expect(histories).to.include('tendKeyRotation').and.include(typeId('org', organization.orgId));
    expect(dump).to.include(parseApiKey(secrets[0]!)!.keyId);
    expect(logs).to.include('api_keys.rotate');
    expect(secrets.length).to.equal(5);
    for (const key of secrets) {
      const { secret } = parseApiKey(key)!;
      const spellings = [secret, Buffer.from(secret).toString('base64').slice(0, 40), Buffer.from(secret).toString('hex')];
      for (const place of [histories, dump, logs]) for (const spelling of spellings) expect(place.includes(spelling)).to.equal(false);
    }
  });
});
