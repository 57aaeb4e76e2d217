import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pythonCases } from './cases.ts';
import type { Case } from './cases.ts';

// `npm run test:python`: the Python package `standardwebhooks` verifies what the worker sends. It is installed into a temporary
// environment, so this needs python3 and a way to the Python package index. `-- --out <file>` keeps the result.
const VERSION = '1.1.0';
const INSTALL_TIMEOUT_MS = 180_000;

interface Answer {
  python: string;
  standardwebhooks: string;
  outcomes: { accepted: boolean; reason?: string; data?: unknown }[];
}

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const root = mkdtempSync(join(tmpdir(), 'artisan-python-'));
try {
  report(await pythonCases());
} finally {
  rmSync(root, { recursive: true, force: true });
}

function report(cases: Case[]): void {
  const { outcomes, ...versions } = askPython(cases);
  const results = cases.map(({ name, expected, request }, index) => {
    const { accepted, data } = outcomes[index]!;
    const whole = !accepted || JSON.stringify(data) === request.body.toString('utf8');
    return { name, expected, outcome: accepted ? 'accepted' : 'refused', passed: (expected === 'accepted') === accepted && whole };
  });
  for (const { name, outcome, passed } of results) console.log(`  ${passed ? '✓' : '✗'} ${name}: ${outcome}`);
  const failed = results.filter(({ passed }) => !passed).length;
  console.log(
    `${results.length - failed} passed, ${failed} failed (standardwebhooks ${versions.standardwebhooks}, Python ${versions.python})`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
  const summary = {
    suite: 'python',
    at: new Date().toISOString(),
    versions: { ...versions, node: process.versions.node },
    failed,
    results,
  };
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(summary, null, 2)}\n`);
}

function askPython(cases: Case[]): Answer {
  execFileSync('python3', ['-m', 'venv', root], { timeout: INSTALL_TIMEOUT_MS });
  const python = join(root, 'bin', 'python');
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `standardwebhooks==${VERSION}`];
  execFileSync(python, install, { timeout: INSTALL_TIMEOUT_MS, stdio: ['ignore', 'ignore', 'inherit'] });
  const input = JSON.stringify(
    cases.map(({ secret, request }) => ({ secret, headers: request.headers, body: request.body.toString('base64') })),
  );
  const script = join(import.meta.dirname, 'verify.py');
  return JSON.parse(execFileSync(python, [script], { input, encoding: 'utf8', timeout: 30_000, maxBuffer: 1 << 24 })) as Answer;
}
