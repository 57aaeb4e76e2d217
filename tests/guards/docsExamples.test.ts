import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { projectRoot, read } from './support/sources.ts';

const readme = read('README.md');

interface Message {
  secret: string;
  headers: Record<string, string>;
  body: string;
}

/** A request as a receiver gets it, signed by an implementation that is not ours. Not ASCII, so that byte lengths count. */
function signed(now = new Date()): Message {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const body = '{"type":"lead.created","timestamp":"2026-11-02T09:30:58.000Z","data":{"name":"Zoë 東京"}}';
  const id = 'evt_01k0501z00e00800000000003h';
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const signature = new Webhook(secret).sign(id, now, body);
  return {
    secret,
    body,
    headers: { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${'A'.repeat(43)}= ${signature}` },
  };
}

const FORGERIES: [string, (message: Message) => Message][] = [
  ['a changed body', (message) => ({ ...message, body: message.body.replace('Zoë', 'Eve') })],
  ['another secret', (message) => ({ ...message, secret: signed().secret })],
  ['another id', (message) => ({ ...message, headers: { ...message.headers, 'webhook-id': 'evt_01k0501z00e00800000000004h' } })],
  ['no v1 signature', (message) => ({ ...message, headers: { ...message.headers, 'webhook-signature': 'v1a,AAAA v2,BBBB' } })],
  ['an old timestamp', () => signed(new Date(Date.now() - 301_000))],
];

type Verify = (message: Message) => unknown;

describe('examples of the README', () => {
  for (const name of ['node-package', 'node-crypto']) {
    describe(name, () => {
      let directory: string;
      let verify: Verify;

      before(async () => {
        // Below the project, so that the example finds the package it imports.
        directory = mkdtempSync(join(projectRoot, 'node_modules', '.example-'));
        const file = join(directory, 'example.mjs');
        writeFileSync(file, snippet(name));
        const example = (await import(pathToFileURL(file).href)) as { verify: (secret: string, headers: object, body: string) => unknown };
        verify = ({ secret, headers, body }) => example.verify(secret, headers, body);
      });
      after(() => rmSync(directory, { recursive: true, force: true }));

      judges(() => verify);
    });
  }

  if (hasPython()) describe('python', () => judges(() => verifyInPython));
  else it('python: pending, this machine has no python3');
});

/** The guarantees of every example: takes the genuine, refuses the forged. */
function judges(verify: () => Verify): void {
  it('accepts a genuine request, in a list of signatures too', () => {
    const message = signed();
    expect(verify()(message)).to.deep.equal(JSON.parse(message.body));
  });
  for (const [what, forge] of FORGERIES) {
    it(`refuses ${what}`, () => expect(() => verify()(forge(signed()))).to.throw());
  }
}

function snippet(name: string): string {
  const found = new RegExp(`<!-- example: ${name} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  if (found === undefined) throw new Error(`README.md has no example ${name}`);
  return found;
}

function verifyInPython({ secret, headers, body }: Message): unknown {
  const call = `${snippet('python')}\nimport sys\nm = json.load(sys.stdin)\nprint(json.dumps(verify(m["secret"], m["headers"], m["body"].encode())))\n`;
  const input = JSON.stringify({ secret, headers, body });
  return JSON.parse(execFileSync('python3', ['-c', call], { input, encoding: 'utf8', timeout: 10_000, stdio: ['pipe', 'pipe', 'pipe'] }));
}

function hasPython(): boolean {
  return spawnSync('python3', ['--version']).status === 0;
}
