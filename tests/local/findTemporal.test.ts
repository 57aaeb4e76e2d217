import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findTemporal } from '../../server/local/findTemporal.ts';
import type { Screen } from '../../server/local/screen.ts';

const quiet: Screen = { say: () => {}, busy: () => () => {} };

describe('findTemporal', function () {
  this.timeout(30_000);
  let dir: string;
  let env: NodeJS.ProcessEnv;
  const cached = () => join(dir, 'cache', 'artisan-platform', 'bin', 'temporal');
  const find = () => findTemporal({ env, screen: quiet });

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'artisan-find-'));
    for (const name of ['first', 'second', 'go']) mkdirSync(join(dir, name));
    // A proxy that is not there makes the SDK's download fail at once, with or without a network.
    env = {
      PATH: join(dir, 'first'),
      XDG_CACHE_HOME: join(dir, 'cache'),
      HOME: dir,
      HTTPS_PROXY: 'http://127.0.0.1:9',
      HTTP_PROXY: 'http://127.0.0.1:9',
    };
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('takes the PATH before the cache', async () => {
    program('first/temporal', serverVersion('1.29.1'));
    program('cache/artisan-platform/bin/temporal', serverVersion('1.29.1'));
    expect(await find()).to.equal(join(dir, 'first', 'temporal'));
  });

  it('passes over a server that is too old, and a program that only has the name', async () => {
    program('first/temporal', serverVersion('1.24.2'));
    program('second/temporal', 'echo hello');
    program('cache/artisan-platform/bin/temporal', serverVersion('1.31.0'));
    env['PATH'] = `${join(dir, 'first')}:${join(dir, 'second')}:/bin:/usr/bin`;
    expect(await find()).to.equal(cached());
  });

  it('builds it with Go into the cache when nothing is there, and keeps it', async () => {
    goThatBuilds();
    expect(await find()).to.equal(cached());
    rmSync(join(dir, 'go', 'go'));
    expect(await find()).to.equal(cached());
  });

  it('builds once when two starts search at the same time', async () => {
    goThatBuilds();
    const search = `import { findTemporal } from '${join(import.meta.dirname, '../../server/local/findTemporal.ts')}'; await findTemporal();`;
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', search], { env });
    await Promise.all([run(), run()]);
    expect(readFileSync(join(dir, 'built'), 'utf8').trim().split('\n')).to.have.length(1);
  });

  it('leaves no half-made binary and no draft when the build fails', async () => {
    program('go/go', 'printf broken > "$GOBIN/temporal"; echo "no such module" >&2; exit 1');
    env['PATH'] = `${join(dir, 'go')}:/bin:/usr/bin`;
    await find().catch(() => {});
    expect(existsSync(cached())).to.equal(false);
    expect(readdirSync(join(dir, 'cache/artisan-platform/bin'))).to.deep.equal(['.lock']);
  });

  it('says in one message what was tried, why each way failed, and how to fix it', async () => {
    program('first/temporal', serverVersion('1.20.0'));
    const error = await find().then(
      () => null,
      (thrown: Error) => thrown,
    );
    expect(error?.message).to.match(/first\/temporal: has server 1\.20, older than 1\.29/);
    expect(error?.message).to.match(/download by the Temporal SDK: .+/);
    expect(error?.message).to.match(/go install github\.com\/temporalio\/cli\/cmd\/temporal@v1\.5\.1: Go is not on the PATH/);
    expect(error?.message).to.match(/set TEMPORAL_ADDRESS=host:port/);
  });

  function program(path: string, body: string): void {
    const file = join(dir, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${body}\n`);
    chmodSync(file, 0o755);
  }

  function goThatBuilds(): void {
    program(
      'go/go',
      `echo "$@" >> ${dir}/built; sleep 1; printf '#!/bin/sh\\n${serverVersion('1.29.1')}\\n' > "$GOBIN/temporal"; chmod +x "$GOBIN/temporal"`,
    );
    env['PATH'] = `${join(dir, 'go')}:/bin:/usr/bin`;
  }
});

const serverVersion = (version: string): string => `echo "temporal version 1.0.0 (Server ${version}, UI 2.42.1)"`;
