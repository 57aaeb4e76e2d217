// Health check of a container: exits 0 when the address given answers 2xx within two seconds.
const address = process.argv[2];
const answer = await fetch(address, { signal: AbortSignal.timeout(2_000) }).catch((error) => ({ ok: false, status: error.message }));
if (!answer.ok) {
  process.stderr.write(`${address}: ${answer.status}\n`);
  process.exitCode = 1;
}
