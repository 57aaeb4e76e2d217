import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

// Preloaded (--import) into what `npm start` runs. The processes stop by themselves when the channel to the supervisor closes;
// this sees to it that they can, and in time. Postgres and Temporal get the news at the same moment: there is little to wait for.
const FORCE_AFTER_MS = 10_000;

process.on('disconnect', () => {
  for (const output of [1, 2]) discard(output);
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), FORCE_AFTER_MS).unref();
});
process.channel?.unref();

// Nobody reads the output of an orphan. The logger would try for ever to write its last lines to the closed pipe
// (sonic-boom's flushSync repeats after EPIPE), so the descriptor becomes another file: the lowest free number is the one just closed.
function discard(output: number): void {
  closeSync(output);
  openSync(devNull, 'w');
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
