import { writeSync } from 'node:fs';
import { relative } from 'node:path';
import { inspect } from 'node:util';
import Mocha from 'mocha';
import type { MochaReport } from './runMocha.ts';
import { projectRoot } from './testFiles.ts';

// The process in which mocha runs (see runMocha.ts). It is not ended by force when the tests are through:
// what then keeps it alive is a leak, and is named.
const LEAK_MS = 30_000;
/** Far above what any test takes: only a machine that is full comes near it. */
const TIMEOUT_MS = 60_000;

interface Order {
  files: string[];
  grep?: string;
  reporter: string;
  reporterOptions?: Record<string, unknown>;
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const mocha = new Mocha({
  timeout: TIMEOUT_MS,
  slow: 2_000,
  reporter: order.reporter,
  ...(order.grep === undefined ? {} : { grep: order.grep }),
});
for (const file of order.files) mocha.addFile(file);
await mocha.loadFilesAsync();
const runner = mocha.run((failures) => {
  const { passes = 0, pending = 0 } = runner.stats ?? {};
  process.exitCode = failures > 0 ? 1 : 0;
  report({ counts: { passed: passes, failed: failures, skipped: pending } });
  setTimeout(reportLeak, LEAK_MS).unref();
});
// A test or a hook. Told at once: the process may not come to its end.
runner.on('fail', (failed, error: unknown) => {
  const file = failed.file === undefined ? null : relative(projectRoot, failed.file);
  report({ failure: { file, title: failed.fullTitle(), text: textOf(error) } });
});

function report(message: MochaReport): void {
  process.send?.(message);
}

/** The reporter, which comes first, has made texts of what differs. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return inspect(error);
  const { actual, expected } = error as { actual?: unknown; expected?: unknown };
  const differs = typeof actual === 'string' && typeof expected === 'string';
  const difference = differs ? Mocha.reporters.Base.generateDiff(actual, expected) : '';
  const cause = error.cause === undefined ? '' : `caused by ${inspect(error.cause)}`;
  return [error.stack ?? String(error), difference, cause].join('\n');
}

function reportLeak(): void {
  const handles = (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles();
  writeSync(2, `\nThe tests are through, but ${LEAK_MS / 1_000} s later this still keeps the process alive:\n`);
  for (const kind of process.getActiveResourcesInfo()) writeSync(2, `  - ${kind}\n`);
  for (const handle of handles) writeSync(2, `  - ${describeHandle(handle)}\n`);
  process.exit(1);
}

function describeHandle(handle: object): string {
  const { spawnfile, pid, remoteAddress, remotePort, localPort } = handle as Record<string, string | number | undefined>;
  if (spawnfile !== undefined) return `child process ${pid}: ${spawnfile}`;
  if (remoteAddress !== undefined) return `connection :${localPort} → ${remoteAddress}:${remotePort}`;
  return handle.constructor.name;
}
