import { expect } from 'chai';
import { newApiKey } from '../../../services/apiKeys/format.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { probeRoutes } from '../../support/probeRoutes.ts';

const ECHOES = '/api/v1/admin/echoes';
const flipLast = (key: string): string => key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');

describe('auth: API keys', () => {
  const database = useDatabase();
  const statements: string[] = [];
  const app = useApp(database, { routes: probeRoutes, config: { USAGE_FLUSH_SECONDS: '3600' } });
  let own: TestOrganization;
  before(async () => {
    own = await createOrganization(database);
    app.deps.knex.on('query', ({ sql }: { sql: string }) => void statements.push(sql));
  });

  const ask = (headers: Record<string, string>): Promise<TestAnswer> => app.request('GET', ECHOES, { headers });
  const bearer = (key: string): Promise<TestAnswer> => ask({ authorization: `Bearer ${key}` });
  const expectRefusal = ({ status, headers, json }: TestAnswer, code: string): void => {
    expect([status, json.code]).to.deep.equal([401, code]);
    expect(headers.get('www-authenticate')).to.match(/^Bearer realm="artisan"/);
    expect(json.detail).to.be.a('string').and.not.equal('');
  };

  it('200: both headers carry the same key, and the scheme is read in any case', async () => {
    expect((await bearer(own.key)).status).to.equal(200);
    expect((await ask({ 'x-api-key': own.key })).status).to.equal(200);
    expect((await ask({ authorization: `bearer  ${own.key}` })).status).to.equal(200);
  });

  it('401 missing_credentials: no header, another scheme, an empty key', async () => {
    for (const headers of [{}, { authorization: 'Basic YTpi' }, { authorization: 'Bearer' }, { authorization: own.key }] as Record<
      string,
      string
    >[]) {
      const answer = await ask(headers);
      expectRefusal(answer, 'missing_credentials');
      expect(answer.headers.get('www-authenticate')).to.equal('Bearer realm="artisan"');
    }
  });

  it('401: two different keys in one request are not guessed about', async () => {
    expectRefusal(await ask({ authorization: `Bearer ${own.key}`, 'x-api-key': newApiKey('live').key }), 'invalid_api_key');
  });

  it('401: a key with a broken checksum is refused without a look into the database', async () => {
    statements.length = 0;
    for (const key of [flipLast(own.key), own.key.slice(0, -1), `${own.key}0`, own.key.toUpperCase(), 'sk_live_x', 'x'.repeat(4_000)]) {
      const answer = await bearer(key);
      expectRefusal(answer, 'invalid_api_key');
      expect(answer.json.detail).to.contain('sk_live_');
    }
    expect(statements).to.deep.equal([]);
  });

  it('401: an unknown key and a known key id with another secret get the same answer', async () => {
    const unknown = await bearer(newApiKey('live').key);
    expectRefusal(unknown, 'invalid_api_key');
    const otherSecret = await bearer(await withKeyIdOf(own.keyId));
    expectRefusal(otherSecret, 'invalid_api_key');
    expect({ ...otherSecret.json, request_id: '' }).to.deep.equal({ ...unknown.json, request_id: '' });
  });

  it('401: an expired and a revoked key each say so, but only to who holds the secret', async () => {
    const expired = await createApiKey(database, own, { expiresAt: new Date(Date.now() - 1_000) });
    expectRefusal(await bearer(expired.key), 'api_key_expired');
    expectRefusal(await bearer(await withKeyIdOf(expired.keyId)), 'invalid_api_key');
    const revoked = await createApiKey(database, own);
    await database.system('api_keys').where({ id: revoked.id }).update({ revoked_at: new Date() });
    expectRefusal(await bearer(revoked.key), 'api_key_revoked');
    expectRefusal(await bearer(await withKeyIdOf(revoked.keyId)), 'invalid_api_key');
  });

  it('401: the keys of a deleted organization are unknown', async () => {
    const gone = await createOrganization(database);
    await database.system('organizations').where({ id: gone.orgId }).update({ deleted_at: new Date() });
    expectRefusal(await bearer(gone.key), 'invalid_api_key');
  });

  it('a key in use is read once, and its revocation is felt within a second through the notification', async () => {
    const { key, id } = await createApiKey(database, own);
    expect((await bearer(key)).status).to.equal(200);
    statements.length = 0;
    await Promise.all(Array.from({ length: 20 }, () => bearer(key)));
    expect(statements.filter((sql) => sql.includes('find_api_key'))).to.deep.equal([]);
    await database.system('api_keys').where({ id }).update({ revoked_at: new Date() });
    const deadline = Date.now() + 1_000;
    let answer = await bearer(key);
    while (answer.status === 200 && Date.now() < deadline) answer = await bearer(key);
    expectRefusal(answer, 'api_key_revoked');
  });

  it('many first requests of one key at the same time share one look-up', async () => {
    const { key } = await createApiKey(database, own);
    statements.length = 0;
    const answers = await Promise.all(Array.from({ length: 20 }, () => bearer(key)));
    expect(answers.every(({ status }) => status === 200)).to.equal(true);
    expect(statements.filter((sql) => sql.includes('find_api_key'))).to.have.length(1);
  });

  /** A well-formed key with that public id and a secret that is not its own. */
  async function withKeyIdOf(keyId: string): Promise<string> {
    const { crc32 } = await import('node:zlib');
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const body = `sk_live_${keyId}_${'A'.repeat(43)}`;
    let rest = crc32(body);
    let checksum = '';
    for (let i = 0; i < 6; i += 1) {
      checksum = digits[rest % 62]! + checksum;
      rest = Math.floor(rest / 62);
    }
    return body + checksum;
  }
});
