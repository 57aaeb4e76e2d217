import { expect } from 'chai';
import { AppError } from '../../../services/errors/AppError.ts';
import { slugOf } from '../../../services/organizations/check.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';

describe('organizations: create', () => {
  const database = useDatabase();

  it('makes organization, default workspace, owner, first key with every permission, and their audit entries', async () => {
    const { orgId, workspaceId, ownerUserId, keyId } = await createOrganization(database, {
      name: '  Acme GmbH & Co. ',
      ownerEmail: 'Ada@Acme.Example',
      plan: 'starter',
      rateLimitPerHour: 7,
    });
    const one = (table: string, where: object): Promise<Record<string, unknown>> => database.system(table).where(where).first();
    expect(await one('organizations', { id: orgId })).to.include({ name: 'Acme GmbH & Co.', plan: 'starter' });
    expect(await one('workspaces', { org_id: orgId })).to.include({ id: workspaceId, name: 'Default' });
    expect(await one('users', { id: ownerUserId })).to.include({ email: 'ada@acme.example' });
    expect(await one('memberships', { org_id: orgId })).to.include({ user_id: ownerUserId });
    expect(await one('api_keys', { org_id: orgId })).to.include({ key_id: keyId, rate_limit_per_hour: 7, owner_type: 'organization' });
    const actions: string[] = await database.system('audit_view').where({ org_id: orgId }).orderBy('at').pluck('action');
    expect(actions).to.have.members(['organizations.create', 'api_keys.create']);
  });

  it('a person may own several organizations, also when they are made at the same moment', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => createOrganization(database, { ownerEmail: 'many@acme.example' })));
    expect(new Set(made.map(({ ownerUserId }) => ownerUserId))).to.have.property('size', 1);
    expect(new Set(made.map(({ orgId }) => orgId))).to.have.property('size', 5);
  });

  it('two organizations may have the same name: their handles differ', () => {
    expect(slugOf('Éclair & Zoë!', 'org_01m7yrbm3fes2r8a5w0ds29qmx')).to.equal('eclair-zoe-0ds29qmx');
    expect(slugOf('日本', 'org_01m7yrbm3fes2r8a5w0ds29qmx')).to.match(/^org-[0-9a-z]{8}$/);
  });

  it('names every fault at once, and leaves nothing behind', async () => {
    const before = await database.system('organizations').count();
    const error = await createOrganization(database, { name: ' ', ownerEmail: 'nobody', plan: 'gold', rateLimitPerHour: -1 }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(AppError).and.to.include({ code: 'validation_failed', status: 400 });
    expect((error as AppError).fields?.map(({ location }) => location)).to.deep.equal([
      'name',
      'owner_email',
      'plan',
      'rate_limit_per_hour',
    ]);
    expect((error as AppError).detail).to.contain('free, starter, professional, enterprise');
    expect(await database.system('organizations').count()).to.deep.equal(before);
  });

  for (const ownerEmail of [
    'a b@c.example',
    '@c.example',
    'a@',
    'a@localhost',
    'a@b..example',
    'a"@b.example',
    `${'x'.repeat(250)}@b.example`,
  ]) {
    it(`refuses ${ownerEmail.slice(0, 20)} as an e-mail address`, async () => {
      const refusal = await createOrganization(database, { ownerEmail }).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(refusal).to.include({ code: 'validation_failed' });
    });
  }
});
