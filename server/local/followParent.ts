// Preloaded (--import) into what `npm start` runs. The processes stop by themselves when the channel to the supervisor closes;
// this sees to it that they can, and in time. Postgres and Temporal get the news at the same moment: there is little to wait for.
const FORCE_AFTER_MS = 10_000;

process.on('disconnect', () => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), FORCE_AFTER_MS).unref();
});
process.channel?.unref();

// Nobody reads the output of an orphan. Its descriptors stay as they are: closing and opening 1 and 2 again leaves a gap in which a
// native thread can get the number for a descriptor of its own, and libuv aborts a process that closes such a one.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
