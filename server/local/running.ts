import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a running start can be reached; in `DATA_DIR/running.json` while it is ready. */
export interface Running {
  pid: number;
  apiUrl: string;
  temporalUiUrl: string | null;
  temporalAddress: string;
}

export function writeRunning(dataDir: string, running: Running): void {
  const file = fileOf(dataDir);
  writeFileSync(`${file}.draft`, `${JSON.stringify(running)}\n`);
  renameSync(`${file}.draft`, file);
}

export function removeRunning(dataDir: string): void {
  rmSync(fileOf(dataDir), { force: true });
}

/** What the last start wrote; null when none is ready. It may have been killed since: ask it before you rely on it. */
export function readRunning(dataDir: string): Running | null {
  return existsSync(fileOf(dataDir)) ? (JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as Running) : null;
}

const fileOf = (dataDir: string): string => join(dataDir, 'running.json');
