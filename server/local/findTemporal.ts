import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildTemporal, TEMPORAL_MODULE } from './buildTemporal.ts';
import { downloadTemporal } from './downloadTemporal.ts';
import { waitForLock } from './fileLock.ts';
import { createScreen } from './screen.ts';
import type { Screen } from './screen.ts';
import { cacheBin, OLDEST_SERVER, temporalCandidates } from './temporalCandidates.ts';

interface Search {
  env?: NodeJS.ProcessEnv;
  screen?: Screen;
  signal?: AbortSignal;
}

/**
 * The Temporal CLI of this machine: on the PATH, in the cache, downloaded by the SDK, built with Go (about 2.5 minutes, once).
 * Several starts may search at the same time: one fetches, the others wait for it.
 * Throws one message that says what was tried, why each failed, and how to fix it.
 */
export async function findTemporal({ env = process.env, screen = createScreen(), signal }: Search = {}): Promise<string> {
  const tried: string[] = [];
  const here = temporalCandidates(env, tried);
  if (here !== null) return here;
  const binDir = cacheBin(env);
  mkdirSync(binDir, { recursive: true });
  const waiting = () => screen.say('  Another start is fetching Temporal; waiting for it.');
  const lock = await waitForLock(join(binDir, '.lock'), waiting, signal);
  try {
    return temporalCandidates(env, []) ?? (await fetchTemporal({ binDir, env, screen, tried, ...(signal ? { signal } : {}) }));
  } finally {
    lock.release();
  }
}

interface Fetching {
  binDir: string;
  env: NodeJS.ProcessEnv;
  screen: Screen;
  tried: string[];
  signal?: AbortSignal;
}

async function fetchTemporal({ binDir, env, screen, tried, signal }: Fetching): Promise<string> {
  const ways = [
    { name: 'download by the Temporal SDK', text: 'Downloading Temporal', get: downloadTemporal },
    { name: `go install ${TEMPORAL_MODULE}`, text: 'Building Temporal with Go, about 2.5 minutes, once', get: buildTemporal },
  ];
  for (const { name, text, get } of ways) {
    const done = screen.busy(text);
    try {
      return await get(binDir, env, signal);
    } catch (error) {
      signal?.throwIfAborted();
      tried.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      done();
    }
  }
  throw new Error(notFound(tried));
}

function notFound(tried: string[]): string {
  return [
    'Temporal was not found and could not be fetched. Tried:',
    ...tried.map((line) => `  - ${line}`),
    'One of these fixes it:',
    '  - set TEMPORAL_ADDRESS=host:port of a running Temporal server',
    `  - put the Temporal CLI (server ${OLDEST_SERVER.join('.')} or newer) on the PATH: https://docs.temporal.io/cli`,
    '  - install Go 1.25 or newer (https://go.dev/dl) and start again: it is then built once',
  ].join('\n');
}
