import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { callApi } from '../../server/local/apiClient.ts';
import { readRunning } from '../../server/local/running.ts';
import { localSecrets } from '../../server/local/secrets.ts';
import { waitUntil } from '../../server/local/waitUntil.ts';
import type { EncryptionStatus } from '../../services/encryptionKeys/status.ts';
import { isAlive, platformDir, removeDir, runLocal, startPlatform } from '../support/platform.ts';
import type { Platform } from '../support/platform.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';

const EVENT = { type: 'lead.created', data: { lead_id: 'lead_1' } };

describe('npm start', function () {
  this.timeout(120_000);
  const dir = platformDir();
  let platform: Platform;
  let key = '';
  let receiver: Receiver | undefined;

  before('the first start', async () => {
    platform = await startPlatform(dir);
    key = /sk_live_\w+/.exec(platform.output())?.[0] ?? '';
  });
  after(async () => {
    await receiver?.close();
    // Undefined when the first start failed, which is what the report should be about.
    await (platform as Platform | undefined)?.stop();
    removeDir(dir);
  });

  it('shows addresses that answer, and a key and a command that lead to a delivery with a valid signature', async () => {
    const output = platform.output();
    for (const url of output.match(/^ {2}(?:Docs|Temporal UI) +(\S+)$/gm) ?? [])
      expect((await fetch(url.split(/\s+/).at(-1) ?? '')).status).to.equal(200);
    expect((await fetch(/^ {2}Mails +(\S+) /m.exec(output)?.[1] ?? '')).status).to.equal(200);
    expect(/^ {2}Temporal {2,}(127\.0\.0\.1:\d+)$/m.exec(output)?.[1]).to.equal(readRunning(dir)?.temporalAddress);
    const [, url = ''] = /curl -sS (\S+\/events) /.exec(output) ?? [];
    const headers = [...output.matchAll(/-H '([^:']+): ([^']+)'/g)]
      .slice(0, 2)
      .map(([, name = '', value = '']): [string, string] => [name, value]);
    const [, body = ''] = /-d '([^']+)'/.exec(output) ?? [];
    const response = await fetch(url, { method: 'POST', headers, body });
    expect(response.status).to.equal(202);
    const { id } = (await response.json()) as { id: string };
    await platform.prints(`lead.created ${id} arrived, signature valid`);
  });

  it('shows no secret but the key it made: no password, no master key, no signing secret', async () => {
    const { databasePasswords, encryptionKeys, apiKeyPepper, demoSigningSecret = '' } = localSecrets(dir);
    expect(demoSigningSecret).to.match(/^whsec_/);
    for (const secret of [...Object.values(databasePasswords), encryptionKeys, apiKeyPepper, demoSigningSecret])
      expect(platform.output()).not.to.contain(secret);
  });

  it('org:create beside it prints one line of JSON whose key works; a mail it has sent is on the page', async () => {
    const { closed, stdout } = runLocal(
      'createOrganization.ts',
      ['--name', 'Acme', '--owner-email', 'a@b.example', '--plan', 'enterprise', '--rate-limit-per-hour', '0'],
      dir,
    );
    expect(await closed).to.equal(0);
    expect(stdout().trim().split('\n')).to.have.length(1);
    const made = JSON.parse(stdout()) as Record<string, string>;
    expect(Object.keys(made)).to.deep.equal(['organization_id', 'workspace_id', 'api_key']);
    await callApi(platform.apiUrl, made['api_key'] ?? '', 'POST', '/events', EVENT);
    const guest = { email: 'grace@b.example', roles: [{ role: 'member' }] };
    await callApi(platform.apiUrl, made['api_key'] ?? '', 'POST', `/organizations/${made['organization_id']}/invite`, guest);
    const mails = `${/^ {2}Mails +(\S+) /m.exec(platform.output())?.[1]}/mails.json`;
    const caught = async () => ((await (await fetch(mails)).text()).includes('You are invited to Acme') ? true : null);
    await waitUntil('its mail', caught, { timeoutMs: 20_000 });
  });

  it('keys:rotate beside it runs to its end, and keys:status says so and shows no key', async () => {
    const command = async <T>(args: string[]): Promise<T> => {
      const { closed, output, stdout } = runLocal('keys.ts', args, dir);
      expect(await closed, output()).to.equal(0);
      return JSON.parse(stdout()) as T;
    };
    const { rotation_id: id, workflow_started: started } = await command<{ rotation_id: string; workflow_started: boolean }>(['rotate']);
    expect(started).to.equal(true);
    const finished = async () => {
      const status = await command<EncryptionStatus>(['status']);
      return status.rotations.some((rotation) => rotation['id'] === id && rotation['outcome'] === 'done') ? status : null;
    };
    const status = await waitUntil('the rotation', finished, { timeoutMs: 60_000 });
    const [keyId, key] = localSecrets(dir).encryptionKeys.split(':');
    expect(status.master_keys).to.have.length(1);
    expect(status.master_keys[0]).to.include({ id: keyId, in_encryption_keys: true, seals: true, removable: false });
    expect(JSON.stringify(status)).to.not.contain(key);
  });

  it('keys:rotate names what is wrong with its arguments', async () => {
    for (const [args, said] of [
      [['rotate', '--org', 'acme'], 'expected an id such as org_01h4'],
      [['rotate', '--org', 'org_01h455vb4pex5vsknk084sn02q'], 'there is no such organization'],
    ] as const) {
      const { closed, output } = runLocal('keys.ts', [...args], dir);
      expect(await closed).to.not.equal(0);
      expect(output()).to.contain(said);
    }
  });

  it('org:create names each bad argument and exits 2', async () => {
    const { closed, output, stdout } = runLocal(
      'createOrganization.ts',
      ['--name', 'Acme', '--owner-email', 'nobody', '--plan', 'gold'],
      dir,
    );
    expect(await closed).to.equal(2);
    expect(output())
      .to.match(/--owner-email: expected an e-mail/)
      .and.to.match(/--plan: expected one of free/);
    expect(stdout()).to.equal('');
  });

  it('a second start of the same data folder is refused and leaves the first alone', async () => {
    const { closed, output } = runLocal('start.ts', [], dir);
    expect(await closed).to.equal(1);
    expect(output()).to.contain(`Another start is running with DATA_DIR ${dir}`);
    await callApi(platform.apiUrl, key, 'POST', '/events', EVENT);
  });

  it('a taken port is an error that names its variable', async () => {
    const other = platformDir();
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const port = String((blocker.address() as AddressInfo).port);
    for (const variable of ['PORT', 'TEMPORAL_UI_PORT', 'DATABASE_PORT']) {
      const { closed, output } = runLocal('start.ts', [], other, { [variable]: port });
      expect(await closed).to.equal(1);
      expect(output()).to.contain(`Port ${port} is in use by another program. Set ${variable}`);
    }
    blocker.close();
    removeDir(other);
  });

  it('npm run demo beside it shows deliveries, a circuit that opens and closes, and two replays, within a minute, and exits 0', async () => {
    const startedAt = Date.now();
    const { closed, output } = runLocal('demo.ts', [], dir);
    expect(await closed, output()).to.equal(0);
    expect(output()).to.match(/✓ {2}lead\.created +evt_\w+ +\/recovers +500 → 500 → 200 +valid/);
    expect(output()).to.contain('All 14 deliveries arrived with a valid signature.');
    expect(output()).to.match(/status: failing\.[^]*Backlog: (19|20) held back, of which 1\d were not tried yet and \d wait for a retry\./);
    expect(output()).to.match(/one probe a second is made: 500, 500/);
    expect(output()).to.match(/status: active\.[^]*20 of 20 delivered, 0 held back/);
    expect(output().match(/Preview \(dry_run\): 20 match/g)).to.have.length(2);
    expect(output().match(/status: completed, 20 replayed/g)).to.have.length(2);
    expect(Date.now() - startedAt).to.be.lessThan(60_000);
  });

  for (const name of ['worker', 'api', 'postgres', 'temporal']) {
    it(`starts ${name} again when it is killed, and delivers as before`, async () => {
      const killed = platform.pids()[name] ?? 0;
      process.kill(killed, 'SIGKILL');
      await waitUntil(`a new ${name}`, () => ((platform.pids()[name] ?? killed) !== killed ? true : null), { timeoutMs: 15_000 });
      const publish = () => callApi<{ id: string }>(platform.apiUrl, key, 'POST', '/events', EVENT);
      const { id } = await waitUntil('an accepted event', publish, { timeoutMs: 30_000, everyMs: 200 });
      await waitUntil('its delivery', () => (platform.output().includes(`${id} arrived`) ? true : null), { timeoutMs: 40_000 });
    });
  }

  it('goes on where it stopped after kill -9 of the supervisor: nothing is left over, a waiting retry is made', async () => {
    receiver = await startReceiver((_, nth) => (nth === 1 ? 500 : 200));
    const endpoint = { name: 'Retry', url: `${receiver.url}/retry`, events: ['meeting.booked'], retry_schedule_seconds: [4] };
    await callApi(platform.apiUrl, key, 'POST', '/admin/webhooks', endpoint);
    await callApi(platform.apiUrl, key, 'POST', '/events', { type: 'meeting.booked', data: {} });
    await receiver.waitFor(1);
    const pids = Object.values(platform.pids());
    expect(pids).to.have.length(4);
    platform.child.kill('SIGKILL');
    // The number in a stale postmaster.pid may belong to a foreign process by then.
    await waitUntil('the end of all', () => (pids.some(isAlive) ? null : true), { timeoutMs: 30_000 });
    writeFileSync(join(dir, 'postgres', 'postmaster.pid'), `${process.pid}\n${dir}/postgres\n`);
    platform = await startPlatform(dir);
    expect(platform.output()).not.to.contain('sk_live_');
    await receiver.waitFor(2, { timeoutMs: 40_000 });
  });

  it('stops everything in order at Ctrl-C, exits 0 and leaves no process', async () => {
    const pids = Object.values(platform.pids());
    platform.child.kill('SIGINT');
    await waitUntil('its end', () => platform.child.exitCode, { timeoutMs: 40_000 });
    expect(platform.child.exitCode).to.equal(0);
    expect(pids.filter(isAlive)).to.deep.equal([]);
    expect(platform.output()).not.to.contain('starting it again in 0.25 s\nStopped');
  });

  it('a second Ctrl-C ends at once what does not stop by itself', async () => {
    platform = await startPlatform(dir);
    const pids = platform.pids();
    process.kill(pids['worker'] ?? 0, 'SIGSTOP');
    platform.child.kill('SIGINT');
    await platform.prints('press Ctrl-C again');
    platform.child.kill('SIGINT');
    await waitUntil('its end', () => platform.child.exitCode, { timeoutMs: 5_000 });
    expect(platform.child.exitCode).to.equal(130);
    await waitUntil('the end of all', () => (Object.values(pids).some(isAlive) ? null : true), { timeoutMs: 5_000 });
  });

  it('org:create says so when nothing runs', async () => {
    const { closed, output } = runLocal('createOrganization.ts', ['--name', 'Acme', '--owner-email', 'a@b.example'], dir);
    expect(await closed).to.equal(1);
    expect(output()).to.contain('no database answers. Is npm start running');
  });
});
