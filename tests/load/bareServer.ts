import { createServer } from 'node:http';

// Answers every request at once: what Node alone can do on this machine, beside the same generator. Prints its port.
const body = JSON.stringify({ ok: true, padding: 'x'.repeat(500) });
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port));
