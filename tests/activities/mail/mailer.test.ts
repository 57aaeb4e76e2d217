import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect } from 'chai';
import { createMailer } from '../../../activities/mail/mailer.ts';
import type { Mailer } from '../../../activities/mail/mailer.ts';
import { waitUntil } from '../../../server/local/waitUntil.ts';

const TRICKLE_MS = 20;
/** As many connections as the mailer opens. */
const CONNECTIONS = 5;
const MAIL = { to: 'ada@acme.example', subject: 's', text: 't', html: 'h' };

describe('handing a mail to a server that never comes to an end', () => {
  const sockets = new Set<Socket>();
  /** Greets, and then answers with a line that grows for ever: no silence is long. */
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.write('220 slow.example ESMTP\r\n');
    const trickle = setInterval(() => socket.write('2'), TRICKLE_MS);
    socket
      .on('error', () => undefined)
      .on('close', () => {
        clearInterval(trickle);
        sockets.delete(socket);
      });
    socket.resume();
  });
  const open = (count: number) =>
    waitUntil(`${count} connections`, () => (sockets.size === count ? count : null), { timeoutMs: 5_000, everyMs: 10 });
  let mailer: Mailer;
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    mailer = createMailer({ SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'no-reply@artisan.example' });
  });
  after(async () => {
    mailer.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('the attempt ends with its signal, as a failure that is tried again, also where it waits for a connection; none stays open', async () => {
    const signal = AbortSignal.timeout(500);
    const attempts = Array.from({ length: CONNECTIONS + 1 }, (_, index) => mailer.send(MAIL, `eml_${index}`, signal));
    await open(CONNECTIONS);
    for (const outcome of await Promise.all(attempts))
      expect(outcome).to.deep.equal({ sent: false, error: 'attempt_timeout', permanent: false });
    await open(0);
  });
});
