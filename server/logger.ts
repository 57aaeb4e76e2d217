import { writeSync } from 'node:fs';
import { pino } from 'pino';
import type { Logger, LoggerOptions } from 'pino';

export type { Logger } from 'pino';

// No word boundary before them: an escaped line break ends in a letter (\nsk_live_…).
// Tokens of people have at least 60 characters: `attempt_…` is none.
const SECRET_SHAPES =
  /(sk_(?:live|test)_|ivt_)[\w-]+|((?:rt|vt|pt|ct|mt)_)[\w-]{60,}|(eyJ)[\w-]{10,}\.[\w-]+\.[\w-]*|(whs[ek][ck]?_)[A-Za-z0-9+/=]+|((?:postgres(?:ql)?|smtps?|rediss?):\/\/[^:\s/]+:)[^@\s]+/g;

/** How many there are. */
const SHAPES = 5;

/** Replaces API keys, tokens of people and invitations, JWTs, signing secrets and passwords in addresses by their prefix and `***`, wherever they stand in a line. */
export function redactSecrets(line: string): string {
  return line.replace(
    SECRET_SHAPES,
    (_match, ...shown: (string | undefined)[]) => `${shown.slice(0, SHAPES).find((prefix) => prefix !== undefined) ?? ''}***`,
  );
}

/**
 * JSON lines on stdout. Two fences against a leak: known fields are removed by path,
 * and every finished line is searched for the shape of a secret.
 */
export function createLogger(level: string, service: string): Logger {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // Node puts the whole request into the error of one that it could not parse, as numbers that no shape would find.
    redact: {
      paths: ['req.headers.authorization', 'req.headers["x-api-key"]', '*.secret', '*.key', '*.password', '*.rawPacket'],
      remove: true,
    },
    hooks: { streamWrite: redactSecrets },
  };
  return pino(options, standardOutput);
}

const STDOUT = 1;
/** A pipe that is full: its reader may only be slow. After this long the line is dropped, and the process goes on. */
const PATIENCE_MS = 2_000;
const AGAIN_MS = 10;

/**
 * Where log lines go: standard output, written at once. When its reader is gone they are dropped. pino's own destination
 * (sonic-boom 4.2) would try for ever to write what is left at the end of a process to the closed pipe, and so never let it end.
 */
const standardOutput = {
  write(line: string): void {
    const bytes = Buffer.from(line, 'utf8');
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (let written = 0; written < bytes.length;) {
      try {
        written += writeSync(STDOUT, bytes, written);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || Date.now() > giveUpAt) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN_MS);
      }
    }
  },
};
