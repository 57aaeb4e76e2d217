import { expect } from 'chai';
import { newId } from '../../../server/ids.ts';
import { BUILT_IN_PERMISSIONS } from '../../../services/access/builtInRoles.ts';
import { assertMayGrant, assertMayGrantPermissions } from '../../../services/access/assertMayGrant.ts';
import type { Granter } from '../../../services/access/ceiling.ts';
import type { RoleGrant } from '../../../services/access/insertMember.ts';
import type { Actor } from '../../../services/context.ts';
import { asActor, codeOf, userActor } from '../../support/asActor.ts';
import { useDatabase } from '../../support/database.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { createPerson, joinOrganization } from '../../support/people.ts';
import { createWorkspace } from '../../support/workspaces.ts';

describe('access: the ceiling', () => {
  const database = useDatabase();
  let own: TestOrganization;
  let elsewhere: string;
  before(async () => {
    own = await createOrganization(database);
    elsewhere = await createWorkspace(database, own.orgId);
  });

  const member = async (...roles: Parameters<typeof joinOrganization>[3] & object): Promise<string> => {
    const person = await createPerson(database);
    await joinOrganization(database, own, person, roles);
    return person.userId;
  };
  const grant = (actor: Actor, roles: RoleGrant[], granter?: Granter) =>
    codeOf(asActor(database, actor, (tenant) => assertMayGrant(tenant, roles, granter && { granter })));

  it('lets an owner make owners, and nobody else: not an admin, not a key that holds every permission', async () => {
    const [owner, admin] = [await member('owner'), await member('admin')];
    expect(await grant(userActor(own.orgId, owner), [{ role: 'owner' }])).to.equal('done');
    expect(await grant(userActor(own.orgId, admin), [{ role: 'owner' }])).to.equal('permission_denied');
    expect(await grant(own.actor, [{ role: 'owner' }])).to.equal('permission_denied');
    expect(await grant(own.actor, [{ role: 'admin' }])).to.equal('done');
  });

  it('a manager makes no viewer, who reads more; one who is a viewer too does, and takes nothing else with it', async () => {
    const beyond = [...BUILT_IN_PERMISSIONS.viewer].filter((permission) => !BUILT_IN_PERMISSIONS.manager.has(permission));
    expect(beyond).to.deep.equal(['user.read', 'api_key.read', 'audit.read', 'privacy.read', 'prompt.read', 'budget.read']);
    const [manager, both] = [await member('manager'), await member('manager', 'viewer')];
    expect(await grant(userActor(own.orgId, manager), [{ role: 'viewer' }])).to.equal('permission_denied');
    expect(await grant(userActor(own.orgId, both), [{ role: 'viewer' }])).to.equal('done');
    expect(await grant(userActor(own.orgId, both), [{ role: 'admin' }])).to.equal('permission_denied');
  });

  it('counts what somebody holds now, whatever the request was let in with', async () => {
    const manager = await member('manager');
    expect(await grant(userActor(own.orgId, manager), [{ role: 'member' }])).to.equal('done');
    expect(await grant(userActor(own.orgId, manager), [{ role: 'admin' }])).to.equal('permission_denied');
    await database.system('memberships').where({ user_id: manager }).update({ status: 'suspended' });
    expect(await grant(userActor(own.orgId, manager), [{ role: 'member' }])).to.equal('permission_denied');
  });

  it('keeps a request narrower than its person narrow', async () => {
    const narrow = { ...userActor(own.orgId, await member('admin')), permissions: new Set(['lead.read'] as const) };
    expect(await codeOf(asActor(database, narrow, (tenant) => assertMayGrantPermissions(tenant, ['lead.read'])))).to.equal('done');
    expect(await codeOf(asActor(database, narrow, (tenant) => assertMayGrantPermissions(tenant, ['lead.delete'])))).to.equal(
      'permission_denied',
    );
  });

  it('holds who acts in a workspace to that workspace, and to what a workspace can give', async () => {
    const admin = await member({ role: 'admin', workspaceId: own.workspaceId });
    const bound = userActor(own.orgId, admin, own.workspaceId);
    expect(await grant(bound, [{ role: 'manager', workspaceId: own.workspaceId }])).to.equal('done');
    expect(await grant(bound, [{ role: 'member' }])).to.equal('permission_denied');
    expect(await grant(bound, [{ role: 'member', workspaceId: elsewhere }])).to.equal('validation_failed');
    expect(await grant(userActor(own.orgId, admin), [{ role: 'member' }])).to.equal('permission_denied');
    const users = asActor(database, bound, (tenant) => assertMayGrantPermissions(tenant, ['user.manage_roles']));
    expect(await codeOf(users)).to.equal('permission_denied');
  });

  it('answers alike for roles and workspaces of others and for those that never existed', async () => {
    const foreign = await createOrganization(database);
    const roleId = newId();
    await database.system('roles').insert({ org_id: foreign.orgId, id: roleId, name: 'Theirs', permissions: ['lead.read'] });
    for (const unknown of [{ roleId }, { roleId: newId() }, { role: 'member' as const, workspaceId: foreign.workspaceId }]) {
      expect(await grant(own.actor, [unknown])).to.equal('validation_failed');
    }
    expect(await grant(own.actor, [{ role: 'owner', workspaceId: own.workspaceId }])).to.equal('validation_failed');
  });

  it('judges an invitation by who invited: a person who left and a key that was revoked grant nothing; a rotated key goes on', async () => {
    const admin = await member('admin');
    const guest = userActor(own.orgId, (await createPerson(database)).userId);
    const byAdmin = { type: 'user' as const, id: admin, workspaceId: null };
    expect(await grant(guest, [{ role: 'member' }])).to.equal('permission_denied');
    expect(await grant(guest, [{ role: 'member' }], byAdmin)).to.equal('done');
    await database.system('memberships').where({ user_id: admin }).delete();
    expect(await grant(guest, [{ role: 'member' }], byAdmin)).to.equal('permission_denied');

    const key = await createApiKey(database, own);
    const byKey = { type: 'api_key' as const, id: key.id, workspaceId: null };
    await database.system('api_keys').where({ id: key.id }).update({ revoked_at: new Date() });
    expect(await grant(guest, [{ role: 'member' }], byKey)).to.equal('permission_denied');
    const successor = await createApiKey(database, own);
    await database.system('api_keys').where({ id: successor.id }).update({ family_id: key.id });
    expect(await grant(guest, [{ role: 'member' }], byKey)).to.equal('done');
  });

  it('a person’s key hands on what both the key and the person have', async () => {
    const manager = await member('manager');
    const key = await createApiKey(database, own, { ownerUserId: manager });
    const byKey: Actor = { ...own.actor, id: key.id };
    expect(await grant(byKey, [{ role: 'member' }])).to.equal('done');
    expect(await grant(byKey, [{ role: 'viewer' }])).to.equal('permission_denied');
  });
});
