import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import type { BuiltInRole } from '../../../services/access/builtInRoles.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { addCredential, addTotp, secondFactor } from '../../support/factors.ts';
import { createPerson, joinOrganization, signIn } from '../../support/people.ts';
import type { TestPerson } from '../../support/people.ts';

describe('users.reset_mfa', () => {
  const database = useDatabase();
  const app = useApp(database);
  let organization: TestOrganization;
  before(async () => void (organization = await createOrganization(database)));

  const member = async (role: BuiltInRole): Promise<TestPerson> => {
    const person = await createPerson(database);
    await joinOrganization(database, organization, person, [role]);
    await addTotp(database, person);
    await addCredential(database, person);
    return person;
  };
  const admin = async (minutesAgo: number | null = 0, role: BuiltInRole = 'admin'): Promise<string> => {
    const proof = minutesAgo === null ? {} : secondFactor(minutesAgo);
    return (await signIn(database, await member(role), organization, proof)).accessToken;
  };
  const reset = (key: string, { userId }: { userId: string }): Promise<TestAnswer> =>
    app.request('POST', `/api/v1/admin/users/${typeId('usr', userId)}/mfa/reset`, { key });
  const codeAnswer = ({ status, json }: TestAnswer): unknown[] => [status, json?.code];
  const factorsLeft = async ({ userId }: TestPerson): Promise<number[]> => {
    const tables = ['totp_factors', 'webauthn_credentials', 'webauthn_challenges', 'recovery_codes'];
    return Promise.all(tables.map(async (table) => (await database.system(table).where({ user_id: userId })).length));
  };

  it('204: every factor and code is gone, every session has ended, the person is told, and it is on record', async () => {
    const person = await member('member');
    const { accessToken } = await signIn(database, person, organization);
    const other = await member('member');
    expect((await reset(await admin(), person)).status).to.equal(204);
    expect(await factorsLeft(person)).to.deep.equal([0, 0, 0, 0]);
    expect(await factorsLeft(other)).to.deep.equal([1, 1, 0, 10]);
    expect((await app.request('GET', '/api/v1/auth/mfa', { key: accessToken })).status).to.equal(401);
    expect(await database.system('mails').where({ for_user_id: person.userId }).pluck('template')).to.deep.equal(['second_factor_changed']);
    const [entry] = await database.system('audit_view').where({ org_id: organization.orgId, action: 'users.reset_mfa' });
    expect(entry).to.include({ severity: 'warning', outcome: 'success', actor_type: 'user' });
  });

  it('403: needs a second factor of the last ten minutes in the session of a person', async () => {
    const person = await member('member');
    for (const key of [await admin(null), await admin(11)])
      expect(codeAnswer(await reset(key, person))).to.deep.equal([403, 'step_up_required']);
    expect(codeAnswer(await reset(organization.key, person))).to.deep.equal([403, 'permission_denied']);
    expect(codeAnswer(await reset(await admin(0, 'manager'), person))).to.deep.equal([403, 'permission_denied']);
    expect(await factorsLeft(person)).to.deep.equal([1, 1, 0, 10]);
  });

  it('403: an admin does not weaken an owner’s door', async () => {
    const person = await member('owner');
    expect(codeAnswer(await reset(await admin(), person))).to.deep.equal([403, 'permission_denied']);
    expect(await factorsLeft(person)).to.deep.equal([1, 1, 0, 10]);
    expect((await reset(await admin(0, 'owner'), person)).status).to.equal(204);
  });

  it('409: not of somebody who is in another organization too, suspended there or not, deleted or not', async () => {
    const person = await member('member');
    const elsewhere = await createOrganization(database);
    await joinOrganization(database, elsewhere, person);
    expect(codeAnswer(await reset(await admin(), person))).to.deep.equal([409, 'conflict']);
    await database.system('memberships').where({ org_id: elsewhere.orgId, user_id: person.userId }).update({ status: 'suspended' });
    expect(codeAnswer(await reset(await admin(), person))).to.deep.equal([409, 'conflict']);
    const gone = await createOrganization(database);
    const other = await member('member');
    await joinOrganization(database, gone, other);
    const row = database.system('organizations').where({ id: gone.orgId });
    await row.clone().update({ deleted_at: new Date(), deletion_due_at: new Date(Date.now() + 86_400_000) });
    expect(codeAnswer(await reset(await admin(), other)), 'it can be restored').to.deep.equal([409, 'conflict']);
    expect(await factorsLeft(person)).to.deep.equal([1, 1, 0, 10]);
  });

  it('409: not one’s own, which need no administrator', async () => {
    const person = await member('admin');
    const { accessToken } = await signIn(database, person, organization, secondFactor());
    expect(codeAnswer(await reset(accessToken, person))).to.deep.equal([409, 'conflict']);
  });

  it('404: a stranger is as somebody who never existed', async () => {
    const key = await admin();
    const stranger = await reset(key, await createPerson(database));
    const never = await reset(key, { userId: organization.orgId });
    expect({ ...stranger.json, request_id: 0 }).to.deep.equal({ ...never.json, request_id: 0 });
    expect(stranger.status).to.equal(404);
  });
});
