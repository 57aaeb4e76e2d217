import { expect } from 'chai';
import { assertNotLastOwner } from '../../../services/access/assertNotLastOwner.ts';
import { removeMember } from '../../../services/members/remove.ts';
import { updateMember } from '../../../services/members/update.ts';
import { asActor, codeOf, userActor } from '../../support/asActor.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { createPerson, joinOrganization } from '../../support/people.ts';

describe('access: the last owner', () => {
  const database = useDatabase();
  let own: TestOrganization;
  let owners: { userId: string; membershipId: string }[];
  beforeEach(async () => {
    own = await createOrganization(database);
    await database.system('memberships').where({ user_id: own.ownerUserId }).delete();
    owners = [await join(true), await join(true)];
  });

  const join = async (verified: boolean) => {
    const { userId } = await createPerson(database, { verified });
    return { userId, membershipId: await joinOrganization(database, own, { userId }, ['owner']) };
  };
  const as = (index: number) => userActor(own.orgId, owners[index]!.userId);
  const left = (): Promise<string[]> =>
    database
      .system('membership_roles as g')
      .join('memberships as m', 'm.id', 'g.membership_id')
      .where({ 'g.org_id': own.orgId, 'g.role': 'owner', 'm.status': 'active' })
      .pluck('m.user_id');

  const PATHS: [string, (by: number, whom: number) => Promise<unknown>][] = [
    ['removed', (by, whom) => asActor(database, as(by), (tenant) => removeMember(tenant, owners[whom]!.userId, 'members.remove'))],
    [
      'suspended',
      (by, whom) =>
        asActor(database, as(by), (tenant) => updateMember(tenant, owners[whom]!.userId, { status: 'suspended' }, 'members.update')),
    ],
    [
      'demoted',
      (by, whom) =>
        asActor(database, as(by), (tenant) =>
          updateMember(tenant, owners[whom]!.userId, { roles: [{ role: 'admin' }] }, 'members.set_roles'),
        ),
    ],
  ];

  for (const [what, path] of PATHS) {
    it(`cannot be ${what}, not even by themselves, while one of two can`, async () => {
      expect(await codeOf(path(0, 1))).to.equal('done');
      expect(await codeOf(path(0, 0))).to.equal('last_owner');
      expect(await left()).to.deep.equal([owners[0]!.userId]);
    });

    it(`one of two owners who have each other ${what} at the same moment stays`, async () => {
      const codes = await Promise.all([codeOf(path(0, 1)), codeOf(path(1, 0))]);
      expect(codes).to.have.members(['done', 'permission_denied']);
      expect(await left()).to.have.length(1);
    });

    it(`one of two owners who are ${what} by themselves at the same moment stays`, async () => {
      const codes = await Promise.all([codeOf(path(0, 0)), codeOf(path(1, 1))]);
      expect(codes).to.have.members(['done', 'last_owner']);
      expect(await left()).to.have.length(1);
    });
  }

  it('an owner who cannot sign in is no owner to rely on: suspended, deleted, or with an address that nobody verified', async () => {
    await join(false);
    const guard = () => codeOf(asActor(database, own.actor, (tenant) => assertNotLastOwner(tenant, owners[0]!.membershipId)));
    const [, other] = owners;
    expect(await guard()).to.equal('done');
    await database.system('memberships').where({ id: other!.membershipId }).update({ status: 'suspended' });
    expect(await guard()).to.equal('last_owner');
    await database.system('memberships').where({ id: other!.membershipId }).update({ status: 'active' });
    await database.system('users').where({ id: other!.userId }).update({ deleted_at: new Date() });
    expect(await guard()).to.equal('last_owner');
  });
});
