import { expect } from 'chai';
import { typeId } from '../../server/ids.ts';
import { limitArguments } from '../../server/local/limitArguments.ts';
import { organizationLimits } from '../../server/local/organizationLimits.ts';
import type { OrganizationLimitsOut } from '../../server/local/organizationLimits.ts';
import type { AppError } from '../../services/errors/AppError.ts';
import { auditedChanges } from '../support/auditedChanges.ts';
import { useDatabase } from '../support/database.ts';
import { createOrganization } from '../support/factories.ts';
import { platformDir, removeDir, runLocal } from '../support/platform.ts';
import { TEST_SECRETS, testEnv } from '../support/testConfig.ts';
import { auditEntries } from '../support/webhooks.ts';

const ACTION = 'organizations.change_limits';

describe('org:limits', () => {
  const database = useDatabase();
  const dir = platformDir();
  after(() => removeDir(dir));

  const run = async (args: string[], env: Record<string, string> = {}) => {
    const { closed, stdout, output } = runLocal('limits.ts', args, dir, { ...testEnv(database), ...env });
    return { code: await closed, stdout, output };
  };
  const limits = (...args: string[]): Promise<OrganizationLimitsOut> => {
    const { organization, ...change } = limitArguments(args);
    return organizationLimits({ ...TEST_SECRETS, DATABASE_SYSTEM_URL: database.urls.system }, organization, change);
  };
  const stored = async (orgId: string) => database.system('organizations').where({ id: orgId }).first('slug', 'plan', 'limit_overrides');

  it('sets and unsets by short name or id, keeps what it was not told of, and tells the audit log who did it', async () => {
    const { orgId } = await createOrganization(database, { plan: 'starter' });
    await database
      .system('organizations')
      .where({ id: orgId })
      .update({ limit_overrides: { workspaces: 7 } });
    const { slug } = await stored(orgId);
    const set = await limits(
      '--org',
      slug,
      '--plan',
      'professional',
      '--set',
      'seats=60',
      '--set',
      'api_keys=unlimited',
      '--set',
      'sso=true',
    );
    expect(set).to.include({ organization_id: typeId('org', orgId), plan: 'professional', requests_per_hour_per_key: 5_000 });
    expect(set.limits).to.deep.include.members([
      { name: 'seats', limit: 60, used: 1, overridden: true },
      { name: 'workspaces', limit: 7, used: 1, overridden: true },
      { name: 'webhook_endpoints', limit: 50, used: 0, overridden: false },
      { name: 'api_keys', limit: null, used: 1, overridden: true },
    ]);
    const unset = await limits('--org', typeId('org', orgId), '--unset', 'seats', '--unset', 'custom_roles');
    expect(unset.limits[0]).to.deep.equal({ name: 'seats', limit: 50, used: 1, overridden: false });
    expect((await stored(orgId)).limit_overrides).to.deep.equal({ workspaces: 7, api_keys: null, sso: true });
    const entries = await database.system('audit_view').where({ org_id: orgId, action: ACTION }).select('actor_type', 'actor_id');
    expect(entries).to.deep.equal(Array(2).fill({ actor_type: 'system', actor_id: orgId }));
    expect(await auditedChanges(database, orgId, ACTION)).to.deep.equal([
      { plan: 'professional', limit_overrides: { workspaces: 7, seats: 60, api_keys: null, sso: true } },
      { plan: 'professional', limit_overrides: { workspaces: 7, api_keys: null, sso: true } },
    ]);
  });

  it('a look, and a change that changes nothing, leave no entry', async () => {
    const { orgId } = await createOrganization(database, { plan: 'free' });
    const { slug } = await stored(orgId);
    for (const args of [[], ['--unset', 'sso'], ['--plan', 'free']]) expect((await limits('--org', slug, ...args)).plan).to.equal('free');
    expect(await auditEntries(database, orgId, ACTION)).to.deep.equal([]);
  });

  it('names what is wrong with its arguments', () => {
    const wrong: [string[], string][] = [
      [[], '--org is missing'],
      [['--org', 'acme', '--set', 'seats'], '--set seats: expected name=value, such as seats=60'],
      [['--org', 'acme', '--set', 'seats=-1'], '--set seats=-1: seats is a whole number from 0 up, or unlimited'],
      [['--org', 'acme', '--set', 'sso=yes'], '--set sso=yes: sso is true or false'],
      [['--org', 'acme', '--unset', 'constructor'], '--unset: there is no limit "constructor"'],
      [['--org', 'acme', '--set', 'seats=1', '--unset', 'seats'], 'seats is given twice'],
      [['--org', 'acme', '--plan', 'gold'], '--plan: expected one of free, starter, professional, enterprise, not gold'],
      [['--org', 'acme', '--seats', '3'], "Unknown option '--seats'"],
    ];
    for (const [args, message] of wrong) expect(() => limitArguments(args)).to.throw(message);
  });

  it('there is no such organization, also when it is being deleted', async () => {
    const { orgId } = await createOrganization(database);
    await database.system('organizations').where({ id: orgId }).update({ deleted_at: new Date() });
    for (const org of ['nobody', typeId('org', orgId), (await stored(orgId)).slug])
      expect(await limits('--org', org, '--set', 'seats=1').catch((error: AppError) => error.code)).to.equal('not_found');
  });

  it('as a command: the answer as JSON on stdout; 2 and the usage for wrong arguments; 1 when it cannot be done, and why', async function () {
    this.timeout(60_000);
    const { slug } = await stored((await createOrganization(database)).orgId);
    const away = { DATABASE_SYSTEM_URL: 'postgres://artisan_system:x@127.0.0.1:9/artisan' };
    const [done, wrong, alone] = await Promise.all([
      run(['--org', slug, '--set', 'seats=0']),
      run(['--org', slug, '--set', 'seat=1']),
      run(['--org', slug], away),
    ]);
    expect([done.code, (JSON.parse(done.stdout()) as OrganizationLimitsOut).limits[0]?.limit]).to.deep.equal([0, 0]);
    expect([wrong.code, wrong.stdout()]).to.deep.equal([2, '']);
    expect(wrong.output()).to.match(/^org:limits: --set: there is no limit "seat"\nUsage: npm run org:limits/);
    expect([alone.code, alone.output()]).to.deep.equal([
      1,
      `org:limits: no database answers. Is npm start running with DATA_DIR ${dir}?\n`,
    ]);
  });
});
