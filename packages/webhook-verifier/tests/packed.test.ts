import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const PACKAGE = join(import.meta.dirname, '..');
const TSC = join(PACKAGE, '..', '..', 'node_modules', '.bin', 'tsc');
const NAME = '@artisan-platform/webhook-verifier';

/** The public vector of the specification, verified by what a receiver installs. */
const CONSUMER = `
import { createWebhookVerifier, WebhookVerificationError } from '${NAME}';
import type { VerifiedWebhook, WebhookVerificationCode } from '${NAME}';

const verifier = createWebhookVerifier({ secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], now: () => 1614265330_000 });
const headers = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const verified: VerifiedWebhook = verifier.verify(headers, '{"test": 2432232314}');
let code: WebhookVerificationCode | null = null;
try {
  verifier.verify(headers, new Uint8Array(2));
} catch (error) {
  if (error instanceof WebhookVerificationError) code = error.code;
}
export const outcome: string = [verified.id, code].join(' ');
`;

describe('webhook verifier: the packed package', () => {
  let root: string;
  let files: string[];
  const installed = (): string => join(root, 'node_modules', NAME);
  const run = (command: string, args: string[], cwd = root): string =>
    execFileSync(command, args, { cwd, env: environment(), encoding: 'utf8', timeout: 30_000, stdio: ['ignore', 'pipe', 'pipe'] });

  before(function () {
    this.timeout(60_000);
    root = mkdtempSync(join(tmpdir(), 'artisan-verifier-'));
    const source = join(root, 'source');
    for (const file of ['package.json', 'README.md', 'LICENSE']) cpSync(join(PACKAGE, file), join(source, file), { recursive: true });
    run(TSC, ['--project', join(PACKAGE, 'tsconfig.json'), '--outDir', join(source, 'dist')]);
    const [packed] = JSON.parse(run('npm', ['pack', '--json', '--offline', '--ignore-scripts', '--pack-destination', root], source)) as [
      { filename: string; files: { path: string }[] },
    ];
    files = packed.files.map(({ path }) => path).toSorted();
    mkdirSync(installed(), { recursive: true });
    run('tar', ['-xzf', packed.filename.replace('@', '').replace('/', '-'), '--strip-components=1', '-C', installed()]);
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it('holds the built code with types, page, licence and manifest, and nothing else', () => {
    expect(files.filter((path) => !path.startsWith('dist/'))).to.deep.equal(['LICENSE', 'README.md', 'package.json']);
    expect(files).to.include.members(['dist/index.js', 'dist/index.d.ts']);
    expect(files.filter((path) => !/^dist\/\w+(\.js|\.d\.ts)$/.test(path))).to.have.length(3);
  });

  it('is typed for a strict project that has no types of Node', function () {
    this.timeout(30_000);
    writeFileSync(join(root, 'consumer.mts'), CONSUMER);
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--types', '', '--module', 'nodenext', '--target', 'es2022'];
    expect(run(TSC, [...strict, '--lib', 'es2022', 'consumer.mts'])).to.equal('');
  });

  it('runs in this Node and in the one on the path, at least 20', function () {
    this.timeout(30_000);
    const script = `import { outcome } from './consumer.mjs'; console.log(process.versions.node + ' ' + outcome)`;
    for (const node of [process.execPath, 'node']) {
      const [version, id, code] = run(node, ['--input-type=module', '--eval', script]).trim().split(' ');
      expect(Number(version?.split('.')[0]), node).to.be.at.least(20);
      expect([id, code]).to.deep.equal(['msg_p5jXN8AQM9LWM0D4loKWxJek', 'signature_mismatch']);
    }
  });
});

/** Without what npm hands to the scripts it runs: the path, and where to write. */
function environment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const path = `${process.env['PATH'] ?? ''}:${dirname(process.execPath)}`;
  return { ...(Object.fromEntries(kept) as Record<string, string>), PATH: path, npm_config_update_notifier: 'false' };
}
