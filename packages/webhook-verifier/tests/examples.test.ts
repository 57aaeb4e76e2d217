import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import Koa from 'koa';
import { newSigningKeyPair, newSigningSecret, signatureHeader } from '../../../services/webhooks/sign.ts';

const README = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
const SOURCE = pathToFileURL(join(import.meta.dirname, '..', 'src', 'index.ts')).href;
const BODY = '{"type":"lead.created","data":{"name":"Zoë 東京"}}';

type Answer = { status: number; text: string };
type Receive = (...args: unknown[]) => unknown;
/** Sends one request to an example and says what it answered. */
type Send = (receive: Receive, headers: Record<string, string>, body: string) => Promise<Answer>;

const EXAMPLES: Record<string, Send> = {
  node: (receive, headers, body) => post((request, response) => void receive(request, response), headers, body),
  koa: (receive, headers, body) => post(new Koa().use(receive as Koa.Middleware).callback(), headers, body),
  express: async (receive, headers, body) => {
    const answer: Answer = { status: 0, text: '' };
    const response = {
      status: (status: number) => ((answer.status = status), response),
      send: (text: string) => ((answer.text = text), response),
    };
    receive({ headers, body: Buffer.from(body) }, response, (error: unknown) => expect(error).to.equal(undefined));
    return answer;
  },
  fetch: async (receive, headers, body) => {
    const response = (await receive(new Request('https://hooks.customer.example', { method: 'POST', headers, body }))) as Response;
    return { status: response.status, text: await response.text() };
  },
};

describe('webhook verifier: examples of its page', () => {
  const secret = newSigningSecret();
  const pair = newSigningKeyPair();
  let directory: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'artisan-examples-'));
    process.env['WEBHOOK_SECRET'] = secret;
    process.env['WEBHOOK_PUBLIC_KEY'] = pair.publicKey;
  });
  after(() => {
    delete process.env['WEBHOOK_SECRET'];
    delete process.env['WEBHOOK_PUBLIC_KEY'];
    rmSync(directory, { recursive: true, force: true });
  });

  for (const [name, send] of Object.entries(EXAMPLES)) {
    it(`${name}: takes the genuine request and refuses the changed one, with the reason`, async () => {
      const file = join(directory, `${name}.mjs`);
      writeFileSync(file, snippet(name));
      const { receive } = (await import(pathToFileURL(file).href)) as { receive: Receive };
      const headers = signed([secret, pair.secret]);
      expect(await send(receive, headers, BODY)).to.deep.equal({ status: 200, text: 'lead.created' });
      expect(await send(receive, headers, BODY.replace('Zoë', 'Eve'))).to.deep.equal({ status: 400, text: 'signature_mismatch' });
    });
  }

  it('are all run', () => {
    expect([...README.matchAll(/<!-- example: (\w+) -->/g)].map((match) => match[1])).to.have.members(Object.keys(EXAMPLES));
  });
});

function snippet(name: string): string {
  const found = new RegExp(`<!-- example: ${name} -->\\n\`\`\`js\\n([\\s\\S]*?)\`\`\``).exec(README)?.[1];
  if (found === undefined) throw new Error(`README.md has no example ${name}`);
  return found.replaceAll("'@artisan-platform/webhook-verifier'", `'${SOURCE}'`);
}

function signed(secrets: string[]): Record<string, string> {
  const message = { id: 'evt_01k0501z00e00800000000003h', timestampSeconds: Math.floor(Date.now() / 1_000), body: BODY };
  return {
    'content-type': 'application/json',
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestampSeconds),
    'webhook-signature': signatureHeader(secrets, message),
  };
}

async function post(listener: Parameters<typeof createServer>[1], headers: Record<string, string>, body: string): Promise<Answer> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers, body, signal: AbortSignal.timeout(5_000) });
    return { status: response.status, text: await response.text() };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
