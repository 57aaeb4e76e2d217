import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { useApi } from '../../support/api.ts';
import type { Answer, Caller } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { startReceiver } from '../../support/receiver.ts';
import type { Behaviour, Received, Receiver } from '../../support/receiver.ts';
import { MINIMAL_WEBHOOK, auditEntries, newWebhook, rowsOf } from '../../support/webhooks.ts';
import type { AuditViewRow, WireCreated, WireWebhook } from '../../support/webhooks.ts';

interface Question {
  type: string;
  timestamp: string;
  data: { challenge: string };
}

const questionOf = ({ body }: Received): Question => JSON.parse(body) as Question;
const answer =
  (text: string, status = 200, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end(text);
const echo: Behaviour = (request) => answer(JSON.stringify({ challenge: questionOf(request).data.challenge }));

describe('webhooks: verify the receiver', () => {
  const api = useApi();
  let receiver: Receiver;
  before(async () => {
    receiver = await startReceiver();
  });
  after(() => receiver.close());
  beforeEach(() => {
    receiver.received.length = 0;
    receiver.behave(echo);
  });

  const acme = async (plan: 'free' | 'enterprise' = 'enterprise') => {
    const organization = await createOrganization(api.database, { plan });
    return { ...organization, caller: api.as(organization.key) };
  };
  const hook = (fields: object = {}): object => ({ ...MINIMAL_WEBHOOK, url: `${receiver.url}/hook`, verify: true, ...fields });
  const create = (caller: Caller, fields: object = {}): Promise<Answer<WireCreated>> =>
    caller.post<WireCreated>('/admin/webhooks', hook(fields));
  const refused = (caller: Caller, fields: object = {}) => caller.post('/admin/webhooks', hook(fields));
  const endpoints = (orgId: string) => rowsOf(api.database, orgId, 'webhook_endpoints');

  it('201: the receiver echoed a challenge that came as deliveries come, with the custom headers and signed by the secret of the answer', async () => {
    const { caller } = await acme();
    const { status, body } = await create(caller, { headers: { 'X-Token': 'abc' } });
    expect(status).to.equal(201);
    expect(Date.parse(body.verified_at!)).to.be.closeTo(Date.now(), 5_000);
    expect(receiver.received).to.have.length(1);
    const [request] = receiver.received;
    expect(request!.headers).to.include({ 'x-token': 'abc', 'content-type': 'application/json' });
    const question = new Webhook(body.secret!).verify(request!.body, request!.headers) as Question;
    expect(question.type).to.equal('webhook.verification');
    expect(question.data.challenge).to.match(/^[\w-]{43}$/);
    expect((await caller.get<WireWebhook>(`/admin/webhooks/${body.id}`)).body.verified_at).to.equal(body.verified_at);
  });

  it('201: the bare text of the challenge is an echo too, v1a endpoints are asked alike, and no two challenges are the same', async () => {
    const { caller } = await acme();
    receiver.behave((request) => answer(`${questionOf(request).data.challenge}\n`, 200, { 'content-type': 'text/plain' }));
    for (const signature of ['v1', 'v1a']) expect((await create(caller, { signature })).status).to.equal(201);
    const [first, second] = receiver.received.map((request) => questionOf(request).data.challenge);
    expect(first).to.not.equal(second);
    expect(receiver.received[1]!.headers['webhook-signature']).to.match(/^v1a,/);
  });

  it('201: an echo may have up to 64 KiB', async () => {
    const { caller } = await acme();
    const echoIn = (bytes: number) => (request: Received) => {
      const said = JSON.stringify({ padding: '', challenge: questionOf(request).data.challenge });
      return JSON.stringify({ padding: 'x'.repeat(bytes - said.length), challenge: questionOf(request).data.challenge });
    };
    receiver.behave((request) => answer(echoIn(1_500)(request)));
    expect((await create(caller)).status).to.equal(201);
    receiver.behave((request) => answer(echoIn(65_535)(request)));
    expect((await create(caller)).status).to.equal(201);
    receiver.behave((request) => answer(echoIn(65_537)(request)));
    const { body } = await refused(caller);
    expect(body.errors?.[0]?.message).to.match(/^wrong_answer: .*or is longer than 64 KiB$/);
  });

  it('without verify nothing is sent, and the endpoint says that it is not verified', async () => {
    const { caller } = await acme();
    expect((await newWebhook(caller, { url: `${receiver.url}/hook` })).verified_at).to.equal(null);
    expect(receiver.received).to.deep.equal([]);
  });

  const failures: [name: string, reason: string, behaviour: Behaviour][] = [
    ['another challenge', 'wrong_answer', () => answer('{"challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}')],
    ['nothing', 'wrong_answer', () => answer('')],
    ['whatever it was sent, as echo services do', 'wrong_answer', (request) => answer(request.body)],
    ['half of the challenge', 'wrong_answer', (request) => answer(questionOf(request).data.challenge.slice(0, 20))],
    ['the challenge with 404', 'refused', (request) => answer(JSON.stringify(questionOf(request).data), 404)],
    ['a redirect', 'refused', () => answer('', 307, { location: `${receiver.url}/elsewhere` })],
    ['a broken connection', 'unreachable', () => (_response, request) => void request.socket.destroy()],
    ['no whole answer in time', 'timeout', () => (response) => void response.writeHead(200).write('{"chal')],
  ];
  for (const [name, reason, behaviour] of failures) {
    it(`422 ${reason}: the receiver answers with ${name}; nothing is stored, and the audit log knows`, async () => {
      const { caller, orgId } = await acme();
      receiver.behave(behaviour);
      const { status, body, text } = await refused(caller, { timeout_seconds: 1 });
      expect([status, body.code, body.errors?.[0]?.location]).to.deep.equal([422, 'verification_failed', 'body.url']);
      expect(body.errors?.[0]?.message).to.match(new RegExp(`^${reason}: `));
      expect(text, 'neither status, nor error, nor answer of the receiver').to.not.match(/404|307|ECONN|socket|chal"|elsewhere/);
      for (const table of ['webhook_endpoints', 'webhook_secrets', 'outbox', 'events'])
        expect(await rowsOf(api.database, orgId, table), table).to.deep.equal([]);
      const [entry] = (await auditEntries(api.database, orgId, 'webhooks.create')) as (AuditViewRow & { reason: string })[];
      expect(entry).to.include({ outcome: 'failure', reason: `verification_failed: ${reason}` });
      expect(receiver.received).to.have.length(1);
    });
  }

  it('422 unreachable: nothing listens there, a closed port and a port that speaks no HTTP look the same', async () => {
    const { caller } = await acme();
    const noHttp = createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')).listen(0, '127.0.0.1');
    await once(noHttp, 'listening');
    const ports = [9, (noHttp.address() as AddressInfo).port];
    const answers = await Promise.all(ports.map((port) => refused(caller, { url: `http://127.0.0.1:${port}/hook` })));
    noHttp.close();
    const [closed, open] = answers.map(({ body }) => ({ ...body, request_id: '' }));
    expect(open).to.deep.equal(closed);
    expect(closed!.errors?.[0]?.message).to.match(/^unreachable: /);
  });

  it('everything else is judged first: what could not be created anyway is asked nobody', async () => {
    const { caller } = await acme('free');
    for (const [fields, code] of [
      [{ events: ['no.such'] }, 'unknown_event_type'],
      [{ headers: { Host: 'metadata' } }, 'header_not_allowed'],
      [{ filter: { score: 1 } }, 'validation_failed'],
      [{ url: 'http://10.0.0.1/hook' }, 'url_not_allowed'],
      [{ verify: 'yes' }, 'validation_failed'],
    ] as const)
      expect((await refused(caller, fields)).body.code).to.equal(code);
    for (let n = 0; n < 2; n += 1) await newWebhook(caller);
    expect((await refused(caller)).status).to.equal(402);
    expect(receiver.received).to.deep.equal([]);
  });

  it('no transaction is open while the receiver thinks: another request of the organization that needs the same rows is served', async () => {
    const { caller, orgId } = await acme();
    let release: () => void = () => undefined;
    receiver.behave((request, nth) => (response, incoming) => {
      release = () => (echo(request, nth) as (response: ServerResponse, request: typeof incoming) => void)(response, incoming);
    });
    const slow = create(caller);
    await receiver.waitFor(1);
    expect((await newWebhook(caller)).status).to.equal('active');
    const { rows } = await api.deps.knex.raw<{ rows: object[] }>(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
    );
    expect(rows).to.deep.equal([]);
    release();
    expect((await slow).status).to.equal(201);
    expect(await endpoints(orgId)).to.have.length(2);
  });

  it('a repeat with the same Idempotency-Key asks once and shows the same secret', async () => {
    const { caller } = await acme();
    const send = () => caller.post<WireCreated>('/admin/webhooks', hook(), { 'idempotency-key': 'verified-1' });
    const [first, second] = [await send(), await send()];
    expect([first.status, second.text]).to.deep.equal([201, first.text]);
    expect(receiver.received).to.have.length(1);
  });

  it('429: five checks of an organization run at a time, and sixty an hour; other organizations are not held up', async () => {
    const [{ caller }, other] = [await acme(), await acme()];
    const waiting: (() => void)[] = [];
    receiver.behave(() => (response) => void waiting.push(() => response.writeHead(500).end()));
    const running = Array.from({ length: 5 }, () => refused(caller));
    await receiver.waitFor(5);
    const sixth = await refused(caller);
    expect([sixth.status, sixth.body.code, sixth.headers.get('retry-after')]).to.deep.equal([429, 'rate_limited', '1']);
    receiver.behave(echo);
    expect((await create(other.caller)).status).to.equal(201);
    for (const answerNow of waiting) answerNow();
    expect((await Promise.all(running)).map(({ status }) => status)).to.deep.equal([422, 422, 422, 422, 422]);
    for (let n = 5; n < 60; n += 1) expect((await refused(caller, { url: 'http://127.0.0.1:9/' })).status).to.equal(422);
    const over = await refused(caller);
    expect([over.status, Number(over.headers.get('retry-after')) > 3_000]).to.deep.equal([429, true]);
    expect((await create(other.caller)).status).to.equal(201);
  });

  it('401, 403: a caller who may not create endpoints makes the platform ask nobody', async () => {
    const organization = await createOrganization(api.database);
    const { key } = await createApiKey(api.database, organization, { scopes: ['webhook.read'] });
    expect((await refused(api.as(null))).status).to.equal(401);
    expect((await refused(api.as(key))).status).to.equal(403);
    expect(receiver.received).to.deep.equal([]);
  });
});
