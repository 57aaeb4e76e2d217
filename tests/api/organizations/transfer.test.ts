import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { signIn, signInMember } from '../../support/people.ts';
import type { TestSession } from '../../support/people.ts';
import { auditEntries } from '../../support/webhooks.ts';

interface WireTransfer {
  status: string;
  from_user_id: string;
  to_user_id: string;
}

describe('organizations: transfer of ownership', function () {
  this.timeout(10_000);
  const api = useApi();
  let organization: TestOrganization;
  let owner: TestSession;
  let member: TestSession;
  beforeEach(async () => {
    organization = await createOrganization(api.database);
    owner = await signInMember(api.database, organization, ['owner']);
    member = await signInMember(api.database, organization, ['member']);
  });

  const path = (rest = ''): string => `/organizations/${typeId('org', organization.orgId)}/transfer-ownership${rest}`;
  const as = (session: TestSession) => api.as(session.accessToken);
  const offer = (by = owner, to = member) => as(by).post<WireTransfer>(path(), { user_id: typeId('usr', to.userId) });
  const rolesOf = async ({ userId }: { userId: string }): Promise<string[]> =>
    api.database
      .system('membership_roles as g')
      .join('memberships as m', 'm.id', 'g.membership_id')
      .where({ 'm.org_id': organization.orgId, 'm.user_id': userId })
      .orderBy('g.role')
      .pluck('g.role');

  it('nothing changes until the member accepts; then both have changed, and both steps are on record', async () => {
    const { status, body } = await offer();
    expect([status, body.status, body.to_user_id]).to.deep.equal([201, 'pending', typeId('usr', member.userId)]);
    expect(await rolesOf(owner)).to.deep.equal(['owner']);
    const mails = await api.database.system('mails').where({ for_user_id: member.userId }).pluck('template');
    expect(mails).to.deep.equal(['ownership_transfer']);
    expect((await as(member).post<WireTransfer>(path('/accept'))).body.status).to.equal('accepted');
    expect([await rolesOf(owner), await rolesOf(member)]).to.deep.equal([['admin'], ['member', 'owner']]);
    const giver = { source: 'transfer', role: 'owner', granted_by: owner.userId };
    expect(await api.database.system('membership_roles').where(giver)).to.have.length(1);
    expect((await as(owner).delete(`/organizations/${typeId('org', organization.orgId)}`)).status).to.equal(403);
    for (const action of ['organizations.transfer_ownership', 'organizations.accept_ownership']) {
      expect(await auditEntries(api.database, organization.orgId, action)).to.have.length(1);
    }
  });

  it('403 for everybody but an owner with a fresh session: an administrator, a key with every permission, an old proof', async () => {
    const admin = await signInMember(api.database, organization, ['admin']);
    expect((await offer(admin)).status).to.equal(403);
    const byKey = await api.as(organization.key).post(path(), { user_id: typeId('usr', member.userId) });
    expect([byKey.status, byKey.body.code]).to.deep.equal([403, 'permission_denied']);
    const old = await signIn(api.database, owner, organization, { authTime: new Date(Date.now() - 3_600_000) });
    const answer = await as(old).post(path(), { user_id: typeId('usr', member.userId) });
    expect([answer.status, answer.body.code]).to.deep.equal([403, 'step_up_required']);
  });

  it('only the one it was offered to accepts it; to the others there is none', async () => {
    await offer();
    const other = await signInMember(api.database, organization, ['admin']);
    expect((await as(other).post(path('/accept'))).status).to.equal(404);
    expect((await as(owner).post(path('/accept'))).status).to.equal(404);
    expect((await as(other).delete(path())).status).to.equal(404);
    expect((await as(other).get<WireTransfer>(path())).body.status).to.equal('pending');
  });

  it('400 for a stranger, as for who never existed; 409 for an owner and for a second transfer', async () => {
    const elsewhere = await signInMember(api.database, await createOrganization(api.database), ['member']);
    expect((await offer(owner, elsewhere)).status).to.equal(400);
    expect((await offer(owner, owner)).status).to.equal(409);
    await offer();
    expect((await offer()).status).to.equal(409);
  });

  it('is cancelled by an owner, declined by the member, and runs out by itself; each makes room for the next', async () => {
    await offer();
    expect((await as(owner).delete<WireTransfer>(path())).body.status).to.equal('cancelled');
    await offer();
    expect((await as(member).delete<WireTransfer>(path())).body.status).to.equal('declined');
    await offer();
    const expired = { expires_at: new Date(Date.now() - 1_000) };
    await api.asOwner((knex) =>
      knex.transaction(async (trx) => {
        await trx.raw("select set_config('app.org_id', ?, true)", [organization.orgId]);
        await trx('ownership_transfers').where({ status: 'pending' }).update(expired);
      }),
    );
    expect((await as(member).post(path('/accept'))).status).to.equal(404);
    expect((await as(owner).get<WireTransfer>(path())).body.status).to.equal('expired');
    expect((await offer()).status).to.equal(201);
  });

  it('409: an offer of somebody who is no owner any more is void, and the organization keeps its owners', async () => {
    await offer();
    await api.database
      .system('membership_roles')
      .where({ granted_by: null, role: 'owner' })
      .whereIn('membership_id', api.database.system('memberships').where({ user_id: owner.userId }).select('id'))
      .delete();
    expect((await as(member).post(path('/accept'))).body.code).to.equal('conflict');
    expect(await rolesOf(member)).to.deep.equal(['member']);
  });

  it('409: the last owner hands on to nobody whose address is not verified any more', async () => {
    await offer();
    await api.database.system('users').where({ id: member.userId }).update({ email_verified_at: null });
    expect((await as(member).post(path('/accept'))).body.code).to.equal('last_owner');
    expect([await rolesOf(owner), await rolesOf(member)]).to.deep.equal([['owner'], ['member']]);
  });

  it('accepted twice at the same moment it happens once', async () => {
    await offer();
    const answers = await Promise.all([as(member).post(path('/accept')), as(member).post(path('/accept'))]);
    expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([200, 404]);
    expect(await rolesOf(member)).to.deep.equal(['member', 'owner']);
  });
});
