import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';

const LARGEST_BYTES = 10 * 1024 * 1024;
const LAST_LINES = 8;

/** Runs `use` with an appending file descriptor, which a child inherits. A file over 10 MiB begins anew. */
export function withLogFile<T>(path: string, use: (fd: number) => T): T {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path) && statSync(path).size > LARGEST_BYTES) truncateSync(path);
  const fd = openSync(path, 'a', 0o600);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** The last lines of a log, indented, for a message about the program that wrote it. */
export function lastLines(path: string): string {
  if (!existsSync(path)) return '';
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-LAST_LINES);
  return [...lines.map((line) => `    ${line}`), `    (all of it: ${path})`].join('\n');
}
