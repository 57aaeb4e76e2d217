import { generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { withTenant } from '../../../db/tenancy.ts';
import { typeId } from '../../../server/ids.ts';
import { newApiKey } from '../../../services/apiKeys/format.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';

const codeHost = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const scanner = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = (key: KeyObject): string => key.export({ type: 'spki', format: 'der' }).toString('base64');
const LEAK_REPORT_KEYS = `code-host:${spki(codeHost.publicKey)},scanner:${spki(scanner.publicKey)}`;

const nowSeconds = (): number => Math.floor(Date.now() / 1_000);
const url = 'https://code.example/acme/scripts/blob/main/sync.ts';

interface Sending {
  reporter?: string;
  key?: KeyObject;
  timestamp?: number | string;
  /** Sent in place of what was signed. */
  instead?: object;
}

describe('leak_reports.create', () => {
  const api = useApi({ LEAK_REPORT_KEYS });
  let own: TestOrganization;
  beforeEach(async () => {
    own = await createOrganization(api.database);
    await api.database.system('users').where({ id: own.ownerUserId }).update({ email_verified_at: new Date() });
  });

  const report = (
    tokens: string[],
    { reporter = 'code-host', key = codeHost.privateKey, timestamp = nowSeconds(), instead }: Sending = {},
  ) => {
    const body = { reports: tokens.map((token) => ({ token, url, source: 'content' })) };
    const signature = sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', Buffer.from(`${timestamp}.${JSON.stringify(body)}`), key);
    const headers = {
      'leak-report-key-id': reporter,
      'leak-report-timestamp': String(timestamp),
      'leak-report-signature': signature.toString('base64'),
    };
    return api.as(null).post<{ received: number; code: string; detail: string }>('/leak-reports', instead ?? body, headers);
  };
  const codeOf = async (key: string): Promise<string> => {
    const { status, body } = await api.as(key).get('/admin/webhooks');
    return status === 200 ? 'accepted' : body.code;
  };
  const alarms = (): Promise<object[]> =>
    withTenant(api.database.app, own.orgId, (trx) =>
      trx('audit_view').where({ action: 'leak_reports.create' }).select('severity', 'target_id', 'actor_type'),
    );
  const mailsAbout = (): Promise<object[]> => api.database.system('mails').where({ for_org_id: own.orgId, template: 'api_key_leaked' });

  it('202: a leaked key is refused from then on, and audit log, event and mail tell of it', async () => {
    const { key, id } = await createApiKey(api.database, own);
    await api.as(own.key).post('/admin/webhooks', { name: 'Alarms', url: 'http://127.0.0.1:9/', events: ['api_key.leaked'] });
    expect(await codeOf(key)).to.equal('accepted');
    const { status, body } = await report([key]);
    expect([status, body]).to.deep.equal([202, { received: 1 }]);
    expect(await api.database.system('api_keys').where({ id }).first('disabled_reason')).to.deep.equal({ disabled_reason: 'leaked' });
    api.deps.authenticator.forgetAll();
    expect(await codeOf(key)).to.equal('api_key_disabled');
    expect(await alarms()).to.deep.equal([{ severity: 'critical', target_id: typeId('key', id), actor_type: 'system' }]);
    expect(await mailsAbout()).to.have.length(1);
    expect(await api.database.system('deliveries').where({ org_id: own.orgId, event_type: 'api_key.leaked' })).to.have.length(1);
  });

  it('202: by an Ed25519 key as well; an organization may keep leaked keys working, and is told all the same', async () => {
    await api.database
      .system('organizations')
      .where({ id: own.orgId })
      .update({ settings: { api_keys: { disable_leaked: false } } });
    const { key } = await createApiKey(api.database, own);
    expect((await report([key], { reporter: 'scanner', key: scanner.privateKey })).status).to.equal(202);
    expect(await codeOf(key)).to.equal('accepted');
    expect([await alarms(), await mailsAbout()].map(({ length }) => length)).to.deep.equal([1, 1]);
  });

  it('the answer is the same for keys that exist, never existed, were revoked, or are no keys at all', async () => {
    const revoked = await createApiKey(api.database, own);
    await api.database.system('api_keys').where({ id: revoked.id }).update({ revoked_at: new Date() });
    const { key } = await createApiKey(api.database, own);
    const wrongSecret = `${key.slice(0, 24)}_${newApiKey('live').key.slice(25)}`;
    for (const token of [key, revoked.key, newApiKey('live').key, wrongSecret, 'hunter2', 'x'.repeat(500)]) {
      const { status, text } = await report([token]);
      expect([status, text], token).to.deep.equal([202, '{"received":1}']);
    }
    expect(await alarms()).to.have.length(1);
  });

  it('a repeat alarms nobody again; a key that was enabled meanwhile is disabled again', async () => {
    const { key, id } = await createApiKey(api.database, own);
    for (let i = 0; i < 3; i += 1) await report([key, key]);
    expect([await alarms(), await mailsAbout()].map(({ length }) => length)).to.deep.equal([1, 1]);
    expect((await api.as(own.key).post(`/admin/api-keys/${typeId('key', id)}/enable`)).status).to.equal(200);
    await report([key]);
    expect(await alarms()).to.have.length(2);
    expect(await api.database.system('api_keys').where({ id }).first('disabled_reason')).to.deep.equal({ disabled_reason: 'leaked' });
  });

  it('403: whatever is wrong with the signature, the answer is the same and nothing is done', async () => {
    const { key } = await createApiKey(api.database, own);
    const wrong: Sending[] = [
      { key: stranger.privateKey },
      { reporter: 'nobody' },
      { reporter: 'scanner' },
      { timestamp: nowSeconds() - 301 },
      { timestamp: nowSeconds() + 302 },
      { timestamp: 'now' },
      { instead: { reports: [{ token: key, url, source: 'commit' }] } },
    ];
    const answers = await Promise.all(wrong.map((sending) => report([key], sending)));
    expect(answers.map(({ status, body }) => [status, body.code, body.detail])).to.deep.equal(
      Array(wrong.length).fill([403, 'report_signature_invalid', answers[0]!.body.detail]),
    );
    const unsigned = await api.as(null).post('/leak-reports', { reports: [{ token: key }] });
    expect([unsigned.status, await codeOf(key), (await alarms()).length]).to.deep.equal([403, 'accepted', 0]);
  });

  it('400: what is no report; at most a hundred at once', async () => {
    expect((await report([])).status).to.equal(400);
    expect((await report(Array.from({ length: 101 }, () => 'x'))).status).to.equal(400);
  });

  it('429: an address that keeps sending wrong signatures is locked out', async () => {
    let status = 0;
    for (let i = 0; i < 110 && status !== 429; i += 1) ({ status } = await report(['x'], { key: stranger.privateKey }));
    expect(status).to.equal(429);
  });
});
