import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { withTenant } from '../../../db/tenancy.ts';
import { useApp } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { probeRoutes } from '../../support/probeRoutes.ts';

const ECHOES = '/api/v1/admin/echoes';

describe('auth: permissions', () => {
  const database = useDatabase();
  const app = useApp(database, { routes: probeRoutes });
  let own: TestOrganization;
  before(async () => {
    own = await createOrganization(database);
  });

  it('403: a key without the permission is refused with its name, before the body is looked at, and the audit log has the refusal', async () => {
    const reader = await createApiKey(database, own, { scopes: ['webhook.read'] });
    expect((await app.request('GET', ECHOES, { key: reader.key })).status).to.equal(200);
    const refused = await app.request('POST', ECHOES, { key: reader.key, raw: '{', headers: { 'content-type': 'application/json' } });
    expect([refused.status, refused.json.code]).to.deep.equal([403, 'permission_denied']);
    expect(refused.json.detail).to.contain('webhook.write').and.to.contain('echoes.create');
    const entries: unknown[] = await withTenant(database.app, own.orgId, (trx) => trx('audit_view').where({ outcome: 'denied' }));
    expect(entries).to.have.length(1);
    expect(entries[0]).to.include({
      action: 'echoes.create',
      category: 'authorization',
      severity: 'warning',
      reason: 'lacks webhook.write',
    });
  });

  it('403: scopes that the registry does not know grant nothing', async () => {
    const odd = await createApiKey(database, own, { scopes: [] });
    await database
      .system('api_keys')
      .where({ id: odd.id })
      .update({ scopes: ['*', 'webhook.*', 'admin'] });
    expect((await app.request('GET', ECHOES, { key: odd.key })).status).to.equal(403);
  });

  it('403: nobody can make a key with a scope that they do not hold', async () => {
    const limited = { ...own, actor: { ...own.actor, permissions: new Set(['webhook.read', 'api_key.create'] as const) } };
    const refusal = await createApiKey(database, limited, { scopes: ['webhook.read', 'audit.manage'] }).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refusal).to.include({ code: 'permission_denied' });
    expect((refusal as Error).message).to.contain('audit.manage');
  });

  it('404 before 403: in a foreign organization no permission is asked for', async () => {
    const nobody = await createApiKey(database, own, { scopes: [] });
    const foreign = await createOrganization(database);
    const answer = await app.request('GET', `/api/v1/admin/${typeId('org', foreign.orgId)}/echoes`, { key: nobody.key });
    expect(answer.status).to.equal(404);
  });
});
