import { writeSync } from 'node:fs';

const STDOUT = 1;
/** A pipe that is full: its reader may only be slow. After this long the line is dropped, and the process goes on. */
const PATIENCE_MS = 2_000;
const AGAIN_MS = 10;

/**
 * Where log lines go: standard output, written at once. When its reader is gone they are dropped. pino's own destination
 * (sonic-boom 4.2) would try for ever to write what is left at the end of a process to the closed pipe, and so never let it end.
 */
export const standardOutput = {
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
