import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { escapeHtml } from '../../services/mail/render.ts';
import type { CaughtMail, MailSink } from './mailSink.ts';

export interface MailPage {
  readonly url: string;
  close(): Promise<void>;
}

/** Nothing is loaded from anywhere, and nothing of a mail runs: it stands in a frame without any rights. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

/** Shows what the sink caught, at http://127.0.0.1:<port>: a list, each mail, and all of them as JSON at /mails.json. */
export async function startMailPage(sink: MailSink, port = 0): Promise<MailPage> {
  const server = createServer((request, response) => answer(sink, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await server[Symbol.asyncDispose]();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** For the HTML of a mail, also when it is opened by itself. */
const SANDBOXED = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

function answer({ mails }: MailSink, { method, url = '/', headers, socket }: IncomingMessage, response: ServerResponse): void {
  // Mails hold tokens: a website whose name was made to point here (DNS rebinding) must not read them.
  const own = [`127.0.0.1:${socket.localPort}`, `localhost:${socket.localPort}`];
  if (!own.includes(headers.host ?? '')) return void response.writeHead(421).end();
  if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
  if (url === '/mails.json') {
    return void response.writeHead(200, { ...HEADERS, 'content-type': 'application/json' }).end(JSON.stringify(mails));
  }
  const [, number, version] = /^\/(\d+)(\/html)?$/.exec(url) ?? [];
  const mail = mails.find((each) => each.number === Number(number));
  if (mail && version !== undefined)
    return void response.writeHead(200, { ...HEADERS, 'content-security-policy': SANDBOXED }).end(mail.html);
  const page = url === '/' ? listPage(mails) : mail && mailPage(mail);
  if (page === undefined) return void response.writeHead(404, HEADERS).end(frame('Not found', '<p>There is no such mail (any more).</p>'));
  response.writeHead(200, HEADERS).end(page);
}

function listPage(mails: readonly CaughtMail[]): string {
  const rows = mails
    .toReversed()
    .map(
      ({ number, to, subject, receivedAt }) =>
        `<tr><td>${receivedAt.toISOString().slice(11, 19)}</td><td>${escapeHtml(to.join(', '))}</td><td><a href="/${number}">${escapeHtml(subject) || '(no subject)'}</a></td></tr>`,
    );
  const table = `<table><tr><th>Time (UTC)</th><th>To</th><th>Subject</th></tr>${rows.join('')}</table>`;
  return frame(
    'Mails',
    mails.length === 0 ? '<p>None yet. What the platform sends on this machine is shown here, and goes nowhere else.</p>' : table,
  );
}

function mailPage({ number, to, from, subject, text }: CaughtMail): string {
  return frame(
    subject,
    `<p><a href="/">All mails</a></p>
<p>From ${escapeHtml(from)} to ${escapeHtml(to.join(', '))}</p>
<pre>${linked(text)}</pre>
<iframe sandbox src="/${number}/html" title="HTML version"></iframe>`,
  );
}

/** The text version, its addresses made to click: the frame with the HTML may open nothing. */
const linked = (text: string): string =>
  escapeHtml(text).replaceAll(/https?:\/\/[^\s<>&]+(?:&amp;[^\s<>&]+)*/g, (url) => `<a href="${url}" rel="noreferrer">${url}</a>`);

const frame = (title: string, content: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>
body { margin: 2em auto; max-width: 60em; padding: 0 1em; font: 15px/1.5 system-ui, sans-serif; }
th, td { padding: .2em 1em .2em 0; text-align: left; } pre { padding: 1em; background: #f3f4f6; white-space: pre-wrap; overflow-wrap: anywhere; }
iframe { width: 100%; height: 30em; border: 1px solid #d0d7de; }
</style></head><body><h1>${escapeHtml(title)}</h1>
${content}
</body></html>`;
