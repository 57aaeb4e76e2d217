import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '../config.ts';
import { catchMails } from './catchMails.ts';
import { demoTenant } from './demoTenant.ts';
import { tryLock } from './fileLock.ts';
import { removeRunning, writeRunning } from './running.ts';
import { createScreen } from './screen.ts';
import { dataDirOf, localSettings, readDotEnv } from './settings.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { stopStack } from './stopStack.ts';
import type { Supervised } from './supervise.ts';
import { stopSurvivors } from './survivors.ts';
import { welcome } from './welcome.ts';

const FORCED_EXIT = 130;
const SETTLE_MS = 3_000;
const screen = createScreen();
const running: Supervised[] = [];
const stopping = new AbortController();
const closers: (() => Promise<void>)[] = [];

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
process.on('disconnect', onSignal); // started by another program (the demo), which is gone
const starting = start();
try {
  await starting;
} catch (error) {
  if (!stopping.signal.aborted) await fail(error);
}

async function start(): Promise<void> {
  const began = performance.now();
  readDotEnv();
  const dataDir = dataDirOf(process.env);
  mkdirSync(dataDir, { recursive: true });
  const lock = tryLock(join(dataDir, 'lock'));
  if (lock === null)
    throw new Error(`Another start is running with DATA_DIR ${dataDir}. Stop it, or set DATA_DIR (and PORT, TEMPORAL_UI_PORT).`);
  closers.push(async () => lock.release());
  screen.say(`Artisan Platform, data in ${relative(process.cwd(), dataDir) || '.'}\n`);
  const settings = localSettings(process.env);
  removeRunning(dataDir);
  const survivors = await stopSurvivors(dataDir);
  if (survivors.length > 0) screen.say(`  - Stopped what an earlier start left running: ${survivors.join(', ')}`);
  const mails = await catchMails(settings.config);
  if (mails !== null) closers.push(mails.close);
  const stack: Stack = {
    running,
    screen,
    settings: { ...settings, config: { ...settings.config, ...mails?.config } },
    signal: stopping.signal,
  };
  const ready = await startStack(stack);
  const demo = await demoTenant(ready, settings, screen);
  closers.unshift(async () => removeRunning(dataDir), ...(demo === null ? [] : [demo.receiver.close]));
  const { config, apiUrl, temporalUiUrl } = ready;
  writeRunning(dataDir, { pid: process.pid, apiUrl, temporalUiUrl, temporalAddress: config.TEMPORAL_ADDRESS ?? '' });
  screen.say(welcome({ ...ready, mailUiUrl: mails?.url ?? null }, demo, (performance.now() - began) / 1_000));
}

function onSignal(): void {
  if (stopping.signal.aborted) {
    screen.say('Stopping at once.');
    for (const service of running) service.force();
    process.exit(FORCED_EXIT);
  }
  stopping.abort();
  screen.say('\nStopping; press Ctrl-C again to stop at once.');
  void stop().then(() => {
    screen.say('Stopped.');
    process.exit(0);
  });
}

async function stop(): Promise<void> {
  await stopStack(running);
  // What a start was in the middle of making is cleared away by the one who makes it.
  await Promise.race([starting.catch(() => {}), sleep(SETTLE_MS, undefined, { ref: false })]);
  for (const close of closers) await close();
}

async function fail(error: unknown): Promise<void> {
  const expected = error instanceof ConfigError || (error instanceof Error && !(error instanceof TypeError));
  process.stderr.write(`\n${expected ? error.message : (error as Error).stack}\n`);
  await stop();
  process.exit(1);
}
