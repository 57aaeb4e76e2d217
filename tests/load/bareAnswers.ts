import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Pool } from 'undici';
import { endProcess } from '../../server/local/endProcess.ts';
import { rounded } from './figures.ts';

const CONNECTIONS = 64;
const WARM_UP_SECONDS = 2;

/** Answers per second of a bare `node:http` server, and of the generator that asks it, on this machine: the ceiling of any run on it. */
export async function bareAnswersPerSecond(seconds: number): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bareServer.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [port] = (await once(child.stdout, 'data')) as [Buffer];
    const pool = new Pool(`http://127.0.0.1:${Number(port)}`, { connections: CONNECTIONS, pipelining: 1 });
    await ask(pool, WARM_UP_SECONDS);
    const answers = await ask(pool, seconds);
    await pool.close();
    return rounded(answers / seconds);
  } finally {
    await endProcess(child, 'SIGTERM', 2_000);
  }
}

async function ask(pool: Pool, seconds: number): Promise<number> {
  const endsAt = performance.now() + seconds * 1_000;
  let answers = 0;
  const one = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      await get(pool);
      answers += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
  return answers;
}

/** As cheap for the generator as in `offer`. */
function get(pool: Pool): Promise<void> {
  return new Promise((resolve, reject) => {
    pool.dispatch(
      { method: 'GET', path: '/' },
      {
        onRequestStart: () => undefined,
        onResponseStart: () => undefined,
        onResponseData: () => undefined,
        onResponseEnd: () => resolve(),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}
