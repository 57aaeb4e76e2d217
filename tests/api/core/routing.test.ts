import { expect } from 'chai';
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
