import { expect } from 'chai';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../../server/local/launch.ts';
import { supervise } from '../../server/local/supervise.ts';
import type { Supervised } from '../../server/local/supervise.ts';
import { waitUntil } from '../../server/local/waitUntil.ts';

const FAST = { firstDelayMs: 40, longestDelayMs: 160, stableMs: 2_000 };

describe('supervise', () => {
  let dir: string;
  let supervised: Supervised | null = null;
  let lines: string[] = [];
  let child: ChildProcess | null = null;
  const restarts = () => lines.filter((line) => line.includes('starting it again'));
  const starts = () => readFileSync(join(dir, 'starts'), 'utf8').trim().split('\n').map(Number);

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'artisan-supervise-'));
    writeFileSync(join(dir, 'starts'), '');
    lines = [];
  });
  afterEach(async () => {
    await supervised?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('starts a program again that is killed', async () => {
    await run('setInterval(() => {}, 1000)');
    child?.kill('SIGKILL');
    await startedTimes(2);
    expect(lines[0]).to.match(/^demo was ended by SIGKILL; starting it again in 0.04 s/);
  });

  it('makes it ready again after each start, and says so', async () => {
    let asked = 0;
    await run('setInterval(() => {}, 1000)', async () => ((asked += 1), starts()[0] ? true : null));
    const askedAtFirst = asked;
    child?.kill('SIGKILL');
    await startedTimes(2);
    await waitUntil('the message', () => (lines.includes('demo is ready again') ? true : null), { timeoutMs: 5_000 });
    expect(asked).to.be.greaterThan(askedAtFirst);
  });

  it('waits twice as long after each quick end, up to the limit', async () => {
    await run('setTimeout(() => {}, 30)');
    await startedTimes(6);
    expect(
      restarts()
        .slice(0, 5)
        .map((line) => /again in ([\d.]+) s/.exec(line)?.[1]),
    ).to.deep.equal(['0.04', '0.08', '0.16', '0.16', '0.16']);
  });

  it('begins with the short delay again once the program was healthy for long enough', async () => {
    await run('if (process.argv[2] < 4) setTimeout(() => {}, 20); else setInterval(() => {}, 1000)');
    await startedTimes(4);
    await new Promise((resolve) => setTimeout(resolve, FAST.stableMs + 100));
    child?.kill('SIGKILL');
    await startedTimes(5);
    expect(restarts().at(-1)).to.contain('again in 0.04 s');
  });

  it('does not start it again after stop, and kills what does not stop in time', async () => {
    await run("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)");
    await supervised?.stop();
    expect(child?.signalCode).to.equal('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(starts()).to.have.length(1);
  });

  it('throws with the last words when the first start fails', async () => {
    const error = await run('process.exit(3)', () => Promise.reject(new Error('not yet'))).then(
      () => null,
      (thrown: Error) => thrown,
    );
    expect(error?.message).to.equal('demo did not get ready: ready: it ended with exit code 3\nlast words');
  });

  async function run(body: string, ask: () => Promise<true | null> = async () => (starts()[0] ? true : null)): Promise<void> {
    const script = join(dir, 'program.mjs');
    writeFileSync(
      script,
      `import { appendFileSync, readFileSync } from 'node:fs';\nappendFileSync(${JSON.stringify(join(dir, 'starts'))}, Date.now() + '\\n');\nprocess.argv[2] = readFileSync(${JSON.stringify(join(dir, 'starts'))}, 'utf8').trim().split('\\n').length;\n${body}\n`,
    );
    const service = {
      name: 'demo',
      spawn: () => (child = launch({ command: process.execPath, args: [script] }, 'ignore')),
      ready: async (giveUp: () => string | null) => void (await waitUntil('ready', ask, { timeoutMs: 5_000, everyMs: 10, giveUp })),
      stopSignal: 'SIGTERM' as const,
      stopTimeoutMs: 300,
      lastWords: () => 'last words',
    };
    supervised = supervise(service, { report: (line) => lines.push(line), ...FAST });
    await supervised.start();
  }

  const startedTimes = (count: number) =>
    waitUntil(`${count} starts`, () => (starts().length >= count ? true : null), { timeoutMs: 20_000, everyMs: 10 });
});
