import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/testFiles.ts';

/** What counts as a fault of an answer, besides a leak: see hooks.py. */
const CHECKS = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_schema_conformance', 'no_leak'];
const REQUEST_SECONDS = 10;
/** Readiness answers 503 on purpose, because no worker runs here; who logs out tries nothing any more. */
const LEFT_OUT = ['health.readiness', 'auth.logout'];

export interface Attack {
  command: string;
  url: string;
  /** Sent as Bearer. */
  credential: string;
  corpus: string;
  /** A folder that may be written. */
  dir: string;
  phases: string;
  seconds: number;
  /** Requests that fuzzing makes up for each operation. */
  examples: number;
  seed: number;
  /** Of operations; default: all. */
  paths?: RegExp;
}

/** How often which status was answered. */
export interface Seen {
  all: Record<string, number>;
  path_of_stranger: Record<string, number>;
}

export interface Outcome {
  /** 0: no fault. */
  exitCode: number | null;
  output: string;
  report: Record<string, unknown> | null;
  seen: Seen | null;
}

/** Runs schemathesis over openapi.json against a running API. Bounded by `seconds`, and by twice that from outside. */
export async function attack(options: Attack): Promise<Outcome> {
  const { command, url, credential, corpus, dir, phases, seconds, examples, seed, paths } = options;
  const report = join(dir, 'report.json');
  const seen = join(dir, 'seen.json');
  const args = [
    ['run', join(projectRoot, 'openapi.json')],
    ['--url', url, '--header', `Authorization: Bearer ${credential}`, '--request-timeout', String(REQUEST_SECONDS)],
    ['--checks', CHECKS.join(','), '--continue-on-failure', '--no-shrink', '--suppress-health-check', 'all', '--warnings', 'off'],
    ['--phases', phases, '--max-examples', String(examples), '--max-time', String(seconds), '--workers', '1', '--seed', String(seed)],
    ...(paths ? [['--include-path-regex', paths.source]] : []),
    // A made-up X-API-Key beside the credential would be refused before anything is tried.
    ['--generation-with-security-parameters', 'false', ...LEFT_OUT.flatMap((id) => ['--exclude-operation-id', id])],
    ['--generation-database', 'none', '--report-json-path', report, '--no-color'],
  ].flat();
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    SCHEMATHESIS_HOOKS: 'hooks',
    PYTHONPATH: import.meta.dirname,
    PYTHONDONTWRITEBYTECODE: '1',
    ARTISAN_CORPUS: corpus,
    ARTISAN_SEEN: seen,
  };
  const child = spawn(command, args, {
    cwd: dir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds * 2_000 + 30_000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { exitCode, output, report: read<Record<string, unknown>>(report), seen: read<Seen>(seen) };
}

function read<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return null;
  }
}
