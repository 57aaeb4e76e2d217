import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';

const LEVEL_WIDTH = 5;
const NAME_WIDTH = 7;

/** Calls `show` with each line of a child's output, prefixed with its name and made readable when it is a JSON log record. */
export function forwardLines(name: string, stream: Readable | null, show: (line: string) => void): void {
  if (stream === null) return;
  createInterface({ input: stream }).on('line', (line) => show(`${name.padEnd(NAME_WIDTH)}| ${readable(line)}`));
}

/** `12:00:01 info  listening port=3000` for a JSON log record; other lines as they are. */
export function readable(line: string): string {
  const record = parse(line);
  if (record === null) return line;
  const { time, level, msg, service: _service, pid: _pid, hostname: _hostname, ...rest } = record;
  const clock = typeof time === 'string' ? time.slice(11, 19) : '';
  const details = Object.entries(rest).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const severity = typeof level === 'string' ? level.padEnd(LEVEL_WIDTH) : '';
  return [clock, severity, msg, ...details].filter((part) => part !== undefined && part !== '').join(' ');
}

function parse(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}
