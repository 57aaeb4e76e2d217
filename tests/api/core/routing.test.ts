import { expect } from 'chai';
import { z } from 'zod';
import { createApp } from '../../../server/app.ts';
import { route } from '../../../server/http/route.ts';
import type { Method, Route } from '../../../server/http/route.ts';
import { newId, typeId } from '../../../server/ids.ts';
import { useApp } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { probeRoutes } from '../../support/probeRoutes.ts';

const withoutRequestId = ({ request_id: _requestId, ...rest }: Record<string, unknown>) => rest;

describe('core: paths and methods', () => {
  const database = useDatabase();
  const app = useApp(database, { routes: probeRoutes });
  let own: TestOrganization;
  let other: TestOrganization;
  before(async () => {
    [own, other] = [await createOrganization(database), await createOrganization(database)];
  });

  it('/api and /api/v1 are the same, with and without the own organization in the path', async () => {
    const id = typeId('whk', newId());
    const tenant = typeId('org', own.orgId);
    for (const base of ['/api/v1/admin', '/api/admin', `/api/v1/admin/${tenant}`, `/api/admin/${tenant}`]) {
      const answer = await app.request('GET', `${base}/echoes/${id}`, { key: own.key });
      expect(answer.status, base).to.equal(200);
      expect(answer.json).to.deep.equal({ id });
    }
  });

  it('404: a foreign, an unknown and a malformed organization in the path get the same body as a path that is none', async () => {
    const nowhere = await app.request('GET', '/api/v1/nowhere', { key: own.key });
    expect(nowhere.status).to.equal(404);
    expect(nowhere.json.code).to.equal('not_found');
    for (const tenant of [typeId('org', other.orgId), typeId('org', newId()), typeId('usr', own.orgId), 'org_x', '%00']) {
      const answer = await app.request('GET', `/api/v1/admin/${tenant}/echoes`, { key: own.key });
      expect(answer.status, tenant).to.equal(404);
      expect(withoutRequestId(answer.json)).to.deep.equal(withoutRequestId(nowhere.json));
    }
  });

  it('401 before 404: who sends no credentials learns nothing about organizations', async () => {
    const answer = await app.request('GET', `/api/v1/admin/${typeId('org', own.orgId)}/echoes`);
    expect(answer.status).to.equal(401);
  });

  it('405: another method is refused with the ones that are possible', async () => {
    const answer = await app.request('DELETE', '/api/v1/admin/echoes', { key: own.key });
    expect(answer.status).to.equal(405);
    expect(answer.headers.get('allow')).to.equal('POST, GET, HEAD, OPTIONS');
    expect(answer.json.code).to.equal('method_not_allowed');
    expect(answer.json.detail).to.contain('DELETE').and.to.contain('POST, GET');
  });

  it('OPTIONS tells the methods; HEAD answers as GET without a body', async () => {
    const options = await app.request('OPTIONS', '/api/v1/admin/echoes');
    expect([options.status, options.headers.get('allow')]).to.deep.equal([204, 'POST, GET, HEAD, OPTIONS']);
    const head = await app.request('HEAD', '/api/v1/admin/echoes', { key: own.key });
    expect([head.status, head.text]).to.deep.equal([200, '']);
  });

  it('404: encoded slashes, dot segments and empty segments reach no other operation', async () => {
    for (const path of [
      '/api/v1/admin%2Fechoes',
      '/api/v1//admin/echoes',
      '/api/v1/admin/echoes/',
      '/API/v1/admin/echoes',
      '/api/v2/admin/echoes',
    ]) {
      const answer = await app.request('GET', path, { key: own.key });
      expect(answer.status, path).to.equal(404);
    }
  });
});

/** Answers with its own path and the parameters it was given. */
const telling = (path: string, method: Method = 'GET'): Route =>
  route({
    method,
    path,
    operationId: `${method} ${path}`,
    public: true,
    summary: path,
    params: z.record(z.string(), z.string()),
    responses: { 200: z.object({ path: z.string(), values: z.array(z.string()) }) },
    errors: ['not_found'],
    handler: ({ params }) => ({ status: 200, body: { path, values: Object.values(params) } }),
  });

describe('core: which path answers', () => {
  // The general ones first: the order of the declarations must not matter.
  const routes = [
    telling('/a/{tenant}/webhooks/{id}'),
    telling('/a/{tenant}/webhooks'),
    telling('/a/{tenant}/webhooks', 'POST'),
    telling('/a/webhooks/{id}/{other}'),
    telling('/a/webhooks/{id}'),
    telling('/a/webhooks/{again}', 'DELETE'),
    telling('/a/webhooks/newest'),
    telling('/a/webhooks'),
  ];
  const app = useApp(useDatabase(), { routes });
  const found = async (path: string, method: Method = 'GET') => {
    const { status, json } = await app.request(method, `/api/v1${path}`);
    return status === 200 ? [json.path, ...json.values] : status;
  };

  it('a fixed segment goes before a parameter, from the left, whatever was declared first', async () => {
    expect(await found('/a/webhooks')).to.deep.equal(['/a/webhooks']);
    expect(await found('/a/webhooks/newest')).to.deep.equal(['/a/webhooks/newest']);
    expect(await found('/a/webhooks/1')).to.deep.equal(['/a/webhooks/{id}', '1']);
    expect(await found('/a/t/webhooks')).to.deep.equal(['/a/{tenant}/webhooks', 't']);
    expect(await found('/a/webhooks/webhooks')).to.deep.equal(['/a/webhooks/{id}', 'webhooks']);
    expect(await found('/a/t/webhooks/1')).to.deep.equal(['/a/{tenant}/webhooks/{id}', 't', '1']);
    expect(await found('/a/webhooks/webhooks/1')).to.deep.equal(['/a/webhooks/{id}/{other}', 'webhooks', '1']);
  });

  it('405: the path decides before the method does, so no parameter takes a request meant for a fixed segment', async () => {
    for (const [method, path, allow] of [
      ['DELETE', '/a/webhooks/newest', 'GET, HEAD, OPTIONS'],
      ['POST', '/a/webhooks/webhooks', 'GET, HEAD, DELETE, OPTIONS'],
      ['PUT', '/a/t/webhooks', 'GET, HEAD, POST, OPTIONS'],
    ] as const) {
      const answer = await app.request(method, `/api/v1${path}`);
      expect([answer.status, answer.headers.get('allow'), answer.json.code], path).to.deep.equal([405, allow, 'method_not_allowed']);
    }
    expect(await found('/a/webhooks/1', 'DELETE')).to.deep.equal(['/a/webhooks/{again}', '1']);
  });

  it('404: an empty segment, a longer and a shorter path, another case, a trailing slash', async () => {
    for (const path of [
      '',
      '/',
      '/a',
      '/a/',
      '/a//webhooks',
      '/a/webhooks/',
      '/a/webhooks/1/',
      '/a/t/webhooks/1/2',
      '/a/t',
      '/A/webhooks',
      '/a/t/Webhooks',
    ])
      expect(await found(path), path).to.equal(404);
  });

  it('decodes a parameter once; 404: an escape that means nothing', async () => {
    expect(await found('/a/webhooks/a%2Fb%20%C3%BC')).to.deep.equal(['/a/webhooks/{id}', 'a/b ü']);
    expect(await found('/a/webhooks/%2525')).to.deep.equal(['/a/webhooks/{id}', '%25']);
    for (const escape of ['%', '%zz', '%C3', '%E0%A4%A']) {
      const { status, json } = await app.request('GET', `/api/v1/a/webhooks/${escape}`);
      expect([status, json.code], escape).to.deep.equal([404, 'not_found']);
    }
  });

  it('two operations for one method and path stop the process at start, also when their parameters have different names', () => {
    for (const twin of ['/a/webhooks', '/a/webhooks/{another}'])
      expect(() => createApp(app.deps, [...routes, telling(twin)]), twin).to.throw(`${twin} is declared twice`);
  });
});
