import { expect } from 'chai';
import { newId, typeId } from '../../../server/ids.ts';
import { useApp } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { probeRoutes } from '../../support/probeRoutes.ts';

const ECHOES = '/api/v1/admin/echoes';

describe('core: answers', () => {
  const database = useDatabase();
  const app = useApp(database, { routes: probeRoutes, config: { CORS_ORIGINS: 'https://console.example, https://b.example' } });
  let key: string;
  before(async () => {
    ({ key } = await createOrganization(database));
  });

  it('has no field that the schema does not declare, whatever the handler returns', async () => {
    const answer = await app.request('POST', ECHOES, { key, body: { name: 'x' } });
    expect(answer.status).to.equal(201);
    expect(answer.json).to.deep.equal({ name: 'x' });
    expect(answer.text).not.to.contain('password');
  });

  it('500: neither a bug nor a body that does not fit its schema tells anything but the request id', async () => {
    for (const kind of ['bug', 'shape']) {
      const answer = await app.request('POST', '/api/v1/faults', { key, body: { kind } });
      expect([answer.status, answer.json.code]).to.deep.equal([500, 'internal_error']);
      expect(answer.text).not.to.match(/secret detail|boolean|stack|faults/);
      expect(answer.json.request_id).to.equal(answer.headers.get('x-request-id'));
    }
  });

  it('503: says when to come back', async () => {
    const answer = await app.request('POST', '/api/v1/faults', { key, body: { kind: 'away' } });
    expect([answer.status, answer.json.code, answer.headers.get('retry-after')]).to.deep.equal([503, 'service_unavailable', '3']);
  });

  it('keeps a sane X-Request-Id and replaces any other by an id of its own', async () => {
    const kept = await app.request('GET', ECHOES, { key, headers: { 'x-request-id': 'order-4711.retry:2' } });
    expect(kept.headers.get('x-request-id')).to.equal('order-4711.retry:2');
    for (const insane of ['a b', 'x'.repeat(129), '<script>', 'é']) {
      const answer = await app.request('GET', ECHOES, { key, headers: { 'x-request-id': insane } });
      expect(answer.headers.get('x-request-id')).to.match(/^req_[0-9a-z]{26}$/);
    }
  });

  it('continues a trace that the caller began, and ignores a broken traceparent', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traced = await app.request('GET', ECHOES, { key, headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } });
    expect(traced.headers.get('traceresponse')).to.match(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
    for (const broken of [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `ff-${trace}-00f067aa0ba902b7-01`, 'x']) {
      const answer = await app.request('GET', ECHOES, { key, headers: { traceparent: broken } });
      expect([answer.status, answer.headers.get('traceresponse')]).to.deep.equal([200, null]);
    }
  });

  it('tells its time and forbids caches and frames, on success and on failure', async () => {
    for (const path of [ECHOES, '/api/v1/nowhere']) {
      const { headers } = await app.request('GET', path, { key });
      expect(headers.get('x-response-time')).to.match(/^\d+\.\dms$/);
      expect(headers.get('cache-control')).to.equal('no-store');
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(headers.get('strict-transport-security')).to.contain('max-age=');
      expect(headers.get('content-security-policy')).to.contain("default-src 'none'").and.to.contain("frame-ancestors 'none'");
      expect(headers.get('x-powered-by')).to.equal(null);
    }
  });

  it('a read of one thing carries an ETag, and an unchanged one is answered 304 without a body', async () => {
    const path = `${ECHOES}/${typeId('whk', newId())}`;
    const first = await app.request('GET', path, { key });
    const etag = first.headers.get('etag')!;
    expect(etag).to.match(/^W\/"[\w-]{27}"$/);
    const again = await app.request('GET', path, { key, headers: { 'if-none-match': etag } });
    expect([again.status, again.text, again.headers.get('etag')]).to.deep.equal([304, '', etag]);
    const changed = await app.request('GET', path, { key, headers: { 'if-none-match': 'W/"other"' } });
    expect(changed.status).to.equal(200);
    expect((await app.request('GET', ECHOES, { key })).headers.get('etag')).to.equal(null);
  });

  it('compresses what is large and leaves small answers alone', async () => {
    const large = await fetch(`${app.url}/openapi.json`, { headers: { 'accept-encoding': 'gzip' } });
    expect(large.headers.get('content-encoding')).to.equal('gzip');
    expect(JSON.parse(await large.text()).openapi).to.equal('3.1.0');
    const small = await app.request('POST', ECHOES, { key, body: { name: 'x' }, headers: { 'accept-encoding': 'gzip' } });
    expect([small.headers.get('content-encoding'), small.headers.get('content-length')]).to.deep.equal([null, '12']);
  });

  it('lets the configured origins call from a browser, and no other', async () => {
    const preflight = (origin: string) =>
      app.request('OPTIONS', ECHOES, {
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      });
    const allowed = await preflight('https://b.example');
    expect(allowed.headers.get('access-control-allow-origin')).to.equal('https://b.example');
    expect(allowed.headers.get('access-control-allow-headers')).to.equal('authorization');
    const answer = await app.request('GET', ECHOES, { key, headers: { origin: 'https://console.example' } });
    expect(answer.headers.get('access-control-allow-origin')).to.equal('https://console.example');
    expect(answer.headers.get('access-control-expose-headers')).to.contain('X-Request-Id');
    const failure = await app.request('GET', '/api/v1/nowhere', { headers: { origin: 'https://console.example' } });
    expect(failure.headers.get('access-control-allow-origin'), 'failures can be read too').to.equal('https://console.example');
    for (const origin of ['https://evil.example', 'null', 'https://b.example.evil']) {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).to.equal(null);
    }
  });
});
