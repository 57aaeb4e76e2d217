import { expect } from 'chai';
import { withTenant, withUser } from '../../../db/tenancy.ts';
import { typeId } from '../../../server/ids.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { createPerson, joinOrganization, signIn, signInMember } from '../../support/people.ts';
import { probeRoutes } from '../../support/probeRoutes.ts';

const ECHOES = '/api/v1/admin/echoes';
const WITHIN_MS = 1_000;

describe('auth: sessions', () => {
  const database = useDatabase();
  const app = useApp(database, { routes: probeRoutes });
  let own: TestOrganization;
  before(async () => {
    own = await createOrganization(database);
  });

  const ask = (key: string, path = ECHOES): Promise<TestAnswer> => app.request('GET', path, { key });

  it('200: what the roles in the organization that was entered allow; 403 for the rest, on record with the session', async () => {
    const viewer = await signInMember(database, own, ['viewer']);
    expect((await ask(viewer.accessToken)).status).to.equal(200);
    const refused = await app.request('POST', ECHOES, { key: viewer.accessToken, body: { name: 'Ada' } });
    expect([refused.status, refused.json.code]).to.deep.equal([403, 'permission_denied']);
    const [entry] = await withTenant(database.app, own.orgId, (trx) =>
      trx('audit_view').where({ outcome: 'denied', actor_id: typeId('usr', viewer.userId) }),
    );
    expect(entry).to.include({ actor_type: 'user', action: 'echoes.create', reason: 'lacks webhook.write' });
  });

  it('403: a session that is in no organization, or in one that its person is no member of', async () => {
    const stranger = await createPerson(database);
    const nowhere = await signIn(database, stranger);
    const answer = await ask(nowhere.accessToken);
    expect([answer.status, answer.json.code]).to.deep.equal([403, 'organization_not_entered']);
  });

  it('404: a path that names another organization', async () => {
    const other = await createOrganization(database);
    const member = await signInMember(database, own, ['owner']);
    expect((await ask(member.accessToken, `/api/v1/admin/${typeId('org', other.orgId)}/echoes`)).status).to.equal(404);
  });

  const changes: [string, (member: { userId: string; sessionId: string }) => Promise<unknown>, number, string][] = [
    [
      'the session is revoked',
      ({ userId, sessionId }) =>
        withUser(database.app, userId, (trx) => trx('sessions').where({ id: sessionId }).update({ revoked_at: new Date() })),
      401,
      'session_ended',
    ],
    [
      'the membership is removed',
      ({ userId }) => withTenant(database.app, own.orgId, (trx) => trx('memberships').where({ user_id: userId }).delete()),
      403,
      'organization_not_entered',
    ],
    [
      'the membership is suspended',
      ({ userId }) =>
        withTenant(database.app, own.orgId, (trx) => trx('memberships').where({ user_id: userId }).update({ status: 'suspended' })),
      403,
      'organization_not_entered',
    ],
    [
      'the roles are taken away',
      () => withTenant(database.app, own.orgId, (trx) => trx('membership_roles').where({ role: 'manager' }).delete()),
      403,
      'permission_denied',
    ],
    [
      'the person is deleted',
      ({ userId }) => database.system('users').where({ id: userId }).update({ deleted_at: new Date() }),
      401,
      'session_ended',
    ],
  ];
  for (const [what, change, status, code] of changes) {
    it(`${status}: as soon as ${what}, whatever the token says`, async () => {
      const member = await signInMember(database, own, ['manager']);
      expect((await ask(member.accessToken)).status).to.equal(200);
      await change(member);
      const deadline = Date.now() + WITHIN_MS;
      let answer = await ask(member.accessToken);
      while (answer.status === 200 && Date.now() < deadline) answer = await ask(member.accessToken);
      expect([answer.status, answer.json.code]).to.deep.equal([status, code]);
    });
  }

  it('counts the requests of a person, whatever session they are made in, by the plan of the organization', async () => {
    const free = await createOrganization(database, { plan: 'free' });
    const person = await createPerson(database);
    await joinOrganization(database, free, person, ['admin']);
    const [first, second] = [await signIn(database, person, free), await signIn(database, person, free)];
    const left = async (key: string) => (await ask(key)).headers.get('ratelimit')!.replace(/t=\d+/, 't');
    expect([await left(first.accessToken), await left(second.accessToken)]).to.deep.equal(['"user";r=999;t', '"user";r=998;t']);
  });
});
