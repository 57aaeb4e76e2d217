// Preloaded (--import) into the API and the worker that `npm start` runs: when the supervisor dies in any way, they stop too.
const FORCE_AFTER_MS = 30_000;

process.on('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), FORCE_AFTER_MS).unref();
});
process.channel?.unref();

// Nobody reads the output of an orphan any more: it still finishes its work.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
