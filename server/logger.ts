import { pino } from 'pino';
import type { Logger, LoggerOptions } from 'pino';
import { standardOutput } from './standardOutput.ts';

export type { Logger } from 'pino';

// No word boundary before them: an escaped line break ends in a letter (\nsk_live_…).
const SECRET_SHAPES = /(sk_(?:live|test)_)[A-Za-z0-9_]+|(whs[ek][ck]?_)[A-Za-z0-9+/=]+|(postgres(?:ql)?:\/\/[^:\s/]+:)[^@\s]+/g;

/** Replaces API keys, signing secrets and database passwords by their prefix and `***`, wherever they stand in a line. */
export function redactSecrets(line: string): string {
  return line.replace(SECRET_SHAPES, (_match, key?: string, secret?: string, url?: string) => `${key ?? secret ?? url ?? ''}***`);
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
