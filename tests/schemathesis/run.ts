import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { requestsTo } from '../support/app.ts';
import { createInstallation } from '../support/installation.ts';
import { signIn } from '../support/people.ts';
import { attack } from './attack.ts';
import type { Attack, Outcome } from './attack.ts';
import { writeCorpus } from './corpus.ts';
import { installSchemathesis, VERSION } from './install.ts';

// `npm run test:schemathesis -- [--seconds 120] [--examples 20] [--seed 1] [--phases fuzzing,stateful] [--out file]`: an API process,
// Postgres and Temporal of its own, first as an API key that may do everything in its organization, then as a session of its owner.

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    examples: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    phases: { type: 'string', default: 'examples,coverage,fuzzing,stateful' },
    out: { type: 'string' },
  },
});

const tool = await installSchemathesis();
if ('missing' in tool) {
  console.error(tool.missing);
  process.exit(1);
}
const dir = mkdtempSync(join(tmpdir(), 'artisan-schemathesis-'));
const installation = await createInstallation();
try {
  await installation.api.start();
  const corpus = join(dir, 'corpus.json');
  const { database, api } = installation;
  const { own } = await writeCorpus(requestsTo(api.url), database, corpus);
  const shared: Omit<Attack, 'credential'> = {
    command: tool.command,
    url: api.url,
    corpus,
    dir,
    phases: values.phases,
    seconds: Number(values.seconds),
    examples: Number(values.examples),
    seed: Number(values.seed),
  };
  const asKey = await attack({ ...shared, credential: own.key });
  const { accessToken } = await signIn(database, { userId: own.ownerUserId, email: '' }, own);
  const asSession = await attack({ ...shared, credential: accessToken });
  conclude({ api_key: asKey, session: asSession });
} finally {
  await installation.dispose();
  rmSync(dir, { recursive: true, force: true });
}

function conclude(outcomes: Record<string, Outcome>): void {
  for (const [credential, { output, seen }] of Object.entries(outcomes))
    console.log(`\n=== as ${credential} ===\n${output}\nanswers by status: ${JSON.stringify(seen)}`);
  const failed = Object.values(outcomes).filter(({ exitCode }) => exitCode !== 0).length;
  process.exitCode = failed === 0 ? 0 : 1;
  if (values.out === undefined) return;
  const runs = Object.entries(outcomes).map(([credential, { exitCode, report, seen }]) => ({
    credential,
    passed: exitCode === 0,
    answers_by_status: seen,
    ...kept(report),
  }));
  const summary = {
    suite: 'schemathesis',
    at: new Date().toISOString(),
    versions: { schemathesis: VERSION, node: process.versions.node },
    runs,
  };
  writeFileSync(values.out, `${JSON.stringify(summary, null, 2)}\n`);
}

/** What of schemathesis's own report does not name the machine. */
function kept(report: Record<string, unknown> | null): Record<string, unknown> {
  const names = ['seed', 'running_time', 'stop_reason', 'operations', 'phases', 'test_cases', 'failures', 'errors'];
  return Object.fromEntries(names.map((name) => [name, report?.[name] ?? null]));
}
