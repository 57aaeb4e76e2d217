import { expect } from 'chai';
import { hash, randomUUID } from 'node:crypto';
import { newId, typeId } from '../../../server/ids.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { withTenant } from '../../../db/tenancy.ts';
import { useDatabase } from '../../support/database.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { executed, idempotentRoutes } from '../../support/probeRoutes.ts';
import { until } from '../../support/until.ts';

const ONCE = `/api/v1/once/${typeId('whk', newId())}`;
const LATER = '/api/v1/later';
const DAY_MS = 86_400_000;

describe('Idempotency-Key', () => {
  const database = useDatabase();
  let now: Date | null = null;
  const clock = { now: () => now ?? new Date() };
  const app = useApp(database, { routes: idempotentRoutes, change: () => ({ clock }) });
  let own: TestOrganization;
  before(async () => {
    own = await createOrganization(database);
  });
  afterEach(() => {
    now = null;
  });

  const post = (path: string, body: unknown, idempotencyKey?: string, key = own.key): Promise<TestAnswer> =>
    app.request('POST', path, { key, body, headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey } });
  const rows = (): Promise<Record<string, unknown>[]> => database.system('idempotency_keys').where({ org_id: own.orgId });

  for (const path of [ONCE, LATER]) {
    it(`a repeat gets the first answer, marked as replayed, and nothing is done again (${path.split('/')[3]})`, async () => {
      const subject = randomUUID();
      const first = await post(path, { subject }, subject);
      expect([first.status, first.headers.get('idempotency-replayed')]).to.deep.equal([201, null]);
      const repeat = await post(path, { subject }, subject);
      expect([repeat.status, repeat.headers.get('idempotency-replayed')]).to.deep.equal([201, 'true']);
      expect(repeat.text).to.equal(first.text);
      expect(repeat.headers.get('content-type')).to.equal('application/json; charset=utf-8');
      expect(executed.get(subject)).to.equal(1);
    });
  }

  it('without the header every request is done', async () => {
    const subject = randomUUID();
    await post(ONCE, { subject });
    await post(ONCE, { subject });
    expect(executed.get(subject)).to.equal(2);
  });

  it('/api/v1 and /api are the same request', async () => {
    const subject = randomUUID();
    await post(ONCE, { subject }, subject);
    const repeat = await post(ONCE.replace('/v1', ''), { subject }, subject);
    expect(repeat.headers.get('idempotency-replayed')).to.equal('true');
  });

  it('422: another body, another path and another query are another request', async () => {
    const subject = randomUUID();
    await post(ONCE, { subject }, subject);
    for (const [path, body] of [
      [ONCE, { subject, fail: false }],
      [`/api/v1/once/${typeId('whk', newId())}`, { subject }],
    ] as const) {
      const { status, json } = await post(path, body, subject);
      expect([status, json.code]).to.deep.equal([422, 'idempotency_mismatch']);
      expect(json.detail).to.contain('new key');
    }
    expect(executed.get(subject)).to.equal(1);
  });

  it('409: ten at the same time do it once, and the others are told to come back', async () => {
    const subject = randomUUID();
    // So long that the last one comes before the first is done.
    const body = { subject, wait_ms: 2_000 };
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(ONCE, body, subject)));
    expect(answers.filter(({ status }) => status === 201)).to.have.length(1);
    const others = answers.filter(({ status }) => status !== 201);
    expect(others.map(({ status, json, headers }) => [status, json.code, headers.get('retry-after')])).to.deep.equal(
      Array.from({ length: 9 }, () => [409, 'idempotency_in_flight', '1']),
    );
    expect(executed.get(subject)).to.equal(1);
    expect((await post(ONCE, body, subject)).status).to.equal(201);
  });

  it('a failure gives the key back: the repeat is a new try', async () => {
    const subject = randomUUID();
    const failed = await post(ONCE, { subject, fail: true }, subject);
    expect([failed.status, failed.json.code]).to.deep.equal([409, 'conflict']);
    const retried = await post(ONCE, { subject }, subject);
    expect([retried.status, retried.headers.get('idempotency-replayed')]).to.deep.equal([201, null]);
    const invalid = randomUUID();
    expect((await post(ONCE, { subjekt: 'x' }, invalid)).status).to.equal(400);
    expect((await post(ONCE, { subject: invalid }, invalid)).status).to.equal(201);
  });

  it('a claim that is held for 30 s is taken over, although its process lives; its late holder can no longer answer', async () => {
    const subject = randomUUID();
    // So long that all of this is done before the first one is.
    const body = { subject, wait_ms: 1_500 };
    const slow = post(ONCE, body, subject);
    await until(rows, (claims) => claims.some(({ key }) => key === subject), 5_000);
    now = new Date(Date.now() + 29_000);
    expect((await post(ONCE, body, subject)).status).to.equal(409);
    now = new Date(Date.now() + 31_000);
    const takenOver = await post(ONCE, body, subject);
    expect([takenOver.status, takenOver.headers.get('idempotency-replayed')]).to.deep.equal([201, null]);
    const late = await slow;
    expect([late.status, late.json.code]).to.deep.equal([409, 'idempotency_in_flight']);
    const repeat = await post(ONCE, body, subject);
    expect(repeat.text).to.equal(takenOver.text);
  });

  it('after 24 hours the key is free again', async () => {
    const subject = randomUUID();
    await post(ONCE, { subject }, subject);
    now = new Date(Date.now() + DAY_MS - 60_000);
    expect((await post(ONCE, { subject }, subject)).headers.get('idempotency-replayed')).to.equal('true');
    now = new Date(Date.now() + DAY_MS + 1_000);
    expect((await post(ONCE, { subject }, subject)).headers.get('idempotency-replayed')).to.equal(null);
    expect(executed.get(subject)).to.equal(2);
  });

  it('a key belongs to one credential: another one of the same organization, and another organization, do not meet it', async () => {
    const subject = randomUUID();
    await post(ONCE, { subject }, subject);
    const colleague = await createApiKey(database, own);
    const stranger = await createOrganization(database);
    for (const key of [colleague.key, stranger.key]) {
      const answer = await post(ONCE, { subject }, subject, key);
      expect([answer.status, answer.headers.get('idempotency-replayed')]).to.deep.equal([201, null]);
    }
  });

  it('400: a key must be 1 to 255 visible ASCII characters', async () => {
    for (const key of ['a b', 'x'.repeat(256), 'tab\there']) {
      const { status, json } = await post(ONCE, { subject: 'x' }, key);
      expect([status, json.code]).to.deep.equal([400, 'invalid_idempotency_key']);
      expect(json.errors[0].location).to.equal('header.idempotency-key');
    }
  });

  it('the fingerprint of a body cannot be confirmed by who guesses it: it needs our key, and differs between organizations', async () => {
    const subject = randomUUID();
    const stranger = await createOrganization(database);
    for (const key of [own.key, stranger.key]) await post(LATER, { subject }, subject, key);
    const stored = await database.system('idempotency_keys').where({ key: subject }).select<{ fingerprint: Buffer }[]>('fingerprint');
    const [one, other] = stored.map(({ fingerprint }) => fingerprint.toString('hex'));
    expect(one).not.to.equal(other);
    const body = JSON.stringify({ subject });
    const guesses = ['', ...[own, stranger].map(({ orgId }) => orgId)].map((orgId) => [...(orgId ? [orgId] : []), 'later.create', {}, '']);
    const digests = guesses.map((head) => hash('sha256', JSON.stringify(head) + body));
    expect(digests).not.to.include(one);
    expect(digests).not.to.include(other);
  });

  it('the stored answer is sealed, and has nothing that the schema does not declare', async () => {
    const subject = randomUUID();
    await post(ONCE, { subject }, subject);
    const row = (await rows()).find(({ key }) => key === subject)!;
    expect(row).to.include({ state: 'done', status: 201, route: 'once.create' });
    const sealed = row['sealed_answer'] as Buffer;
    expect(sealed.includes(subject)).to.equal(false);
    const context = `idempotency:${own.orgId}:${row['credential_id'] as string}:once.create:${subject}`;
    const vault = await withTenant(database.app, own.orgId, (trx) => app.deps.vault.of(trx, own.orgId));
    const answer: unknown = JSON.parse(vault.open(sealed, context).toString());
    expect(answer).to.have.all.keys('id', 'subject');
  });
});
