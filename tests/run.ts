import { parseArgs } from 'node:util';
import { ensureNamespace } from '../server/local/ensureNamespace.ts';
import { batchesOf } from './support/batches.ts';
import { summaryLine } from './support/counts.ts';
import { prepareTemplate } from './support/database.ts';
import { addOutcomes, failed, lastLines } from './support/failures.ts';
import type { Outcome } from './support/failures.ts';
import { runBatches } from './support/runBatches.ts';
import { runChecks } from './support/runChecks.ts';
import { runMocha } from './support/runMocha.ts';
import { startPostgres, startTemporal } from './support/servers.ts';
import { serverlessGuards, testFiles } from './support/testFiles.ts';

// `node tests/run.ts` checks the code and runs every test; `node tests/run.ts <files> [--grep text]` runs those tests alone.
const { values, positionals } = parseArgs({ options: { grep: { type: 'string', short: 'g' } }, allowPositionals: true });
/** The namespaces of the mocha processes that run side by side. */
const LANES = ['artisan', 'artisan-beside'];
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort());

await using cleanup = new AsyncDisposableStack();
const whole = positionals.length === 0 && values.grep === undefined;
const checked = whole ? [await runChecks(print)] : [];
const tested = await test().catch((error: unknown): Outcome => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${text}\n`);
  return failed('the servers of the tests', text);
});
await cleanup.disposeAsync();
const outcome = addOutcomes(...checked, tested);
// Of a few files mocha has just told what failed.
print(whole ? lastLines(outcome) : summaryLine(outcome.counts));
process.exitCode = outcome.counts.failed === 0 ? 0 : 1;

async function test(): Promise<Outcome> {
  const lanes = await startServers(whole ? LANES : LANES.slice(0, 1));
  stopping.signal.throwIfAborted();
  const { signal } = stopping;
  if (!whole) {
    const files = positionals.length > 0 ? positionals : testFiles();
    return runMocha({ files, env: lanes[0]!, signal, ...(values.grep === undefined ? {} : { grep: values.grep }) });
  }
  const done = new Set(serverlessGuards());
  return runBatches({ batches: batchesOf(testFiles().filter((file) => !done.has(file))), lanes, print, signal });
}

/**
 * One Postgres (fsync off: its data dies with the run) and one Temporal for all files, and the database they copy. Returns for each lane what
 * its processes find them by; a namespace each, because workers, schedules and relays serve a whole namespace.
 */
async function startServers(namespaces: string[]): Promise<Record<string, string>[]> {
  const started = performance.now();
  const starting = [startPostgres(), startTemporal()] as const;
  for (const server of starting) cleanup.defer(async () => (await server.catch(() => null))?.dispose());
  const [postgres, temporal] = await Promise.all(starting);
  const [template] = await Promise.all([
    prepareTemplate(postgres.superuserUrl),
    ...namespaces.map((namespace) => ensureNamespace(temporal.address, namespace)),
  ]);
  print(`  ✓ Postgres, Temporal and the template database (${((performance.now() - started) / 1_000).toFixed(1)} s)`);
  return namespaces.map((namespace) => ({
    NODE_ENV: 'test',
    TEST_POSTGRES_ADMIN_URL: postgres.superuserUrl,
    TEST_POSTGRES_TEMPLATE: template,
    TEST_TEMPORAL_ADDRESS: temporal.address,
    TEST_TEMPORAL_NAMESPACE: namespace,
  }));
}
