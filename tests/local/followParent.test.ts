import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';

const PRELOAD = join(import.meta.dirname, '..', '..', 'server', 'local', 'followParent.ts');

const CHILD = `
  import { fstatSync } from 'node:fs';
  const files = () => [1, 2].map((fd) => fstatSync(fd).ino).join();
  const before = files();
  process.on('disconnect', () => setTimeout(() => process.exit(files() === before ? 0 : 3), 200));
  setInterval(() => undefined, 1_000);
  process.send('ready');
`;

describe('followParent', () => {
  // To put another file there one is closed first, and in that moment another thread can get its number: see docs/adr/0031.
  it('leaves descriptors 1 and 2 as they are when the supervisor is lost', async () => {
    const args = ['--import', PRELOAD, '--input-type=module', '--eval', CHILD];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    await once(child, 'message');
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.disconnect();
    const [code] = (await once(child, 'exit', { signal: AbortSignal.timeout(10_000) })) as [number | null];
    expect(code).to.equal(0);
  }).timeout(20_000);
});
