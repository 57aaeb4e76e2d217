import { expect } from 'chai';
import { newId, typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { createPerson, signIn, signInMember } from '../../support/people.ts';
import type { TestSession } from '../../support/people.ts';
import { auditEntries } from '../../support/webhooks.ts';

interface WireOrganization {
  id: string;
  status: string;
  deleted_at: string | null;
  deletion_due_at: string | null;
}

describe('organizations: delete and restore', function () {
  this.timeout(15_000);
  const api = useApi({ ORGANIZATION_RECOVERY_DAYS: '20' });
  let organization: TestOrganization;
  let owner: TestSession;
  beforeEach(async () => {
    organization = await createOrganization(api.database);
    owner = await signInMember(api.database, organization, ['owner']);
  });

  const path = (rest = ''): string => `/organizations/${typeId('org', organization.orgId)}${rest}`;
  const as = (session: TestSession) => api.as(session.accessToken);
  const refused = async (ask: () => Promise<{ status: number }>): Promise<number> => {
    const deadline = Date.now() + 3_000;
    let { status } = await ask();
    while (status === 200 && Date.now() < deadline) ({ status } = await ask());
    return status;
  };

  it('202: keys and sessions are out at once, owners are written to, and the end is 20 days away', async () => {
    const viewer = await signInMember(api.database, organization, ['viewer']);
    expect((await api.as(organization.key).get(path())).status).to.equal(200);
    const { status, body } = await as(owner).delete<WireOrganization>(path());
    expect([status, body.status]).to.deep.equal([202, 'deleted']);
    expect(Date.parse(body.deletion_due_at!) - Date.parse(body.deleted_at!)).to.equal(20 * 86_400_000);
    expect(await refused(() => api.as(organization.key).get(path()))).to.equal(401);
    for (const session of [viewer, owner]) expect(await refused(() => as(session).get(path()))).to.be.within(403, 404);
    const mails: string[] = await api.database.system('mails').where({ for_org_id: organization.orgId }).pluck('for_user_id');
    expect(mails).to.include(owner.userId).and.not.to.include(viewer.userId);
    expect(await auditEntries(api.database, organization.orgId, 'organizations.delete')).to.have.length(1);
  });

  it('403: not by an administrator, not by a key with every permission, not with an old proof', async () => {
    const admin = await signInMember(api.database, organization, ['admin']);
    const old = await signIn(api.database, owner, organization, { authTime: new Date(Date.now() - 3_600_000) });
    const answers = [await as(admin).delete(path()), await api.as(organization.key).delete(path()), await as(old).delete(path())];
    expect(answers.map(({ status, body }) => `${status} ${body.code}`)).to.deep.equal([
      '403 permission_denied',
      '403 permission_denied',
      '403 step_up_required',
    ]);
  });

  it('an owner finds it in the list and restores it: everything is as it was', async () => {
    await as(owner).delete(path());
    const outside = await signIn(api.database, owner);
    const { body: list } = await as(outside).get<{ data: WireOrganization[] }>('/organizations');
    expect(list.data.map(({ id, status }) => [id, status])).to.deep.equal([[typeId('org', organization.orgId), 'deleted']]);
    const { status, body } = await as(outside).post<WireOrganization>(path('/restore'));
    expect([status, body.status, body.deletion_due_at]).to.deep.equal([200, 'active', null]);
    const again = async () => (await api.as(organization.key).get(path())).status;
    const deadline = Date.now() + 6_000;
    while ((await again()) !== 200 && Date.now() < deadline);
    expect(await again()).to.equal(200);
    expect((await as(outside).post(path('/restore'))).body.code).to.equal('conflict');
    expect(await auditEntries(api.database, organization.orgId, 'organizations.restore')).to.have.length(1);
  });

  it('404 for who is no owner, and for one that never existed; 403 for a key; nobody else sees it in a list', async () => {
    const admin = await signInMember(api.database, organization, ['admin']);
    await as(owner).delete(path());
    const stranger = await signIn(api.database, await createPerson(api.database));
    const outside = await signIn(api.database, admin);
    for (const session of [stranger, outside]) {
      const [foreign, never] = [
        await as(session).post(path('/restore')),
        await as(session).post(`/organizations/${typeId('org', newId())}/restore`),
      ];
      expect(foreign.status).to.equal(404);
      expect({ ...foreign.body, request_id: null }).to.deep.equal({ ...never.body, request_id: null });
      expect((await as(session).get<{ data: unknown[] }>('/organizations')).body.data).to.deep.equal([]);
    }
    const other = await createOrganization(api.database);
    expect((await api.as(other.key).post(path('/restore'))).status).to.equal(403);
  });

  it('409 when the time is over; 403 with an old proof and without the second factor that its policy wants', async () => {
    await as(owner).delete(path());
    const old = await signIn(api.database, owner, null, { authTime: new Date(Date.now() - 3_600_000) });
    expect((await as(old).post(path('/restore'))).body.code).to.equal('step_up_required');
    const row = api.database.system('organizations').where({ id: organization.orgId });
    await row.clone().update({ settings: { mfa: { policy: 'required' } } });
    const outside = await signIn(api.database, owner);
    expect((await as(outside).post(path('/restore'))).body.code).to.equal('mfa_required');
    await row.clone().update({ settings: {}, deletion_due_at: new Date(Date.now() - 1_000) });
    expect((await as(outside).post(path('/restore'))).body.code).to.equal('conflict');
  });
});
