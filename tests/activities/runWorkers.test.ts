import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { startTemporal } from '../support/servers.ts';
import type { TestTemporal } from '../support/servers.ts';

const SCRIPT = join(import.meta.dirname, '..', 'support', 'workerInMidActivity.ts');
const FORCE_MS = 4_000;

describe('runWorkers, told to stop in the middle of an activity', function () {
  this.timeout(90_000);
  let temporal: TestTemporal;
  let child: ChildProcess;
  beforeEach(async () => {
    temporal = await startTemporal();
    child = fork(SCRIPT, [temporal.address, temporal.namespace, String(FORCE_MS)], { execArgv: [] });
    expect(await message()).to.equal('begun');
  });
  afterEach(async () => {
    child.kill('SIGKILL');
    await temporal.dispose();
  });

  const message = async (): Promise<unknown> => (await once(child, 'message', { signal: AbortSignal.timeout(60_000) }))[0];

  it('waits for it, and that is an orderly stop', async () => {
    child.send('stop');
    setTimeout(() => child.send('finish'), FORCE_MS / 8);
    expect(await message()).to.equal('orderly');
  });

  it('fails when it still runs at the end of its time: nobody knows what it has done', async () => {
    child.send('stop');
    expect(await message()).to.be.oneOf(['IllegalStateError', 'GracefulShutdownPeriodExpiredError']);
  });

  it('does not fail when it is over and Temporal is away: only the report is missing', async () => {
    await temporal.kill();
    child.send('stop');
    child.send('finish');
    expect(await message()).to.equal('orderly');
  });
});
