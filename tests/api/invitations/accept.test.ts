import { expect } from 'chai';
import { newId, typeId } from '../../../server/ids.ts';
import { redactSecrets } from '../../../server/logger.ts';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { waitingMails } from '../../support/mailbox.ts';
import { createPerson, signIn, signInMember } from '../../support/people.ts';

interface Accepted {
  organization: { id: string; name: string };
  membership_id: string;
}

let count = 0;
const address = (): string => `newcomer${(count += 1)}@acme.example`;
const MEMBER = [{ role: 'member' }];

describe('invitations.accept', () => {
  const api = useApi();
  let organization: TestOrganization;
  let path: string;
  before(async () => {
    organization = await createOrganization(api.database);
    path = pathOf(organization);
  });

  const pathOf = ({ orgId }: TestOrganization): string => `/organizations/${typeId('org', orgId)}`;
  const tokenOf = async (email: string): Promise<string> => /ivt_[\w-]+/.exec((await waitingMails(api.database, email)).at(-1)!.text)![0];
  const invited = async (email: string, roles: object[] = MEMBER, by: Caller = api.as(organization.key), to = path): Promise<string> => {
    const { status, text } = await by.post(`${to}/invite`, { email, roles });
    expect(status, text).to.equal(201);
    return tokenOf(email);
  };
  const person = async (email: string, verified = true): Promise<Caller> =>
    api.as((await signIn(api.database, await createPerson(api.database, { email, verified }))).accessToken);
  const accept = (caller: Caller, token: string) => caller.post<Accepted>(`/invitations/${token}/accept`);
  const memberships = async (email: string): Promise<number> =>
    (await api.database.system('memberships as m').join('users as u', 'u.id', 'm.user_id').where({ 'u.email': email })).length;

  it('200: a member with the offered roles, their source on record and who offered them; a repeat answers the same, fifty at once make one', async () => {
    const email = address();
    const inviter = await signInMember(api.database, organization, ['admin']);
    const token = await invited(email, [{ role: 'manager' }], api.as(inviter.accessToken));
    const caller = await person(email);
    const answers = await Promise.all(Array.from({ length: 50 }, () => accept(caller, token)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).to.equal(1);
    const { status, body } = answers[0]!;
    expect(status).to.equal(200);
    expect(body.organization.id).to.equal(typeId('org', organization.orgId));
    expect(await memberships(email)).to.equal(1);
    const [row] = await api.database.system('invitations').where({ email });
    const grants = await api.database.system('membership_roles').where({ source_ref: row!.id as string });
    const given = grants.map(({ role, source, granted_by: by }) => ({ role, source, by }));
    expect(given).to.deep.equal([{ role: 'manager', source: 'invite', by: inviter.userId }]);
    expect((await api.as(null).get(`/invitations/${token}`)).status).to.equal(404);
    const entries = await api.database.system('audit_view').where({ action: 'invitations.accept', actor_type: 'user' });
    expect(entries).to.have.length(1);
  });

  it('403: bound to the invited address, and that must be verified; 401 and 403 for no session', async () => {
    const email = address();
    const token = await invited(email);
    expect((await accept(await person(address()), token)).body).to.include({ code: 'invitation_for_other_address' });
    expect((await accept(await person(email, false), token)).body).to.include({ code: 'email_not_verified' });
    expect((await accept(api.as(null), token)).status).to.equal(401);
    expect((await accept(api.as(organization.key), token)).body).to.include({ code: 'permission_denied' });
    expect(await memberships(email)).to.equal(0);
  });

  it('404: revoked, expired, rotated and unknown tokens are the same', async () => {
    const emails = [address(), address()];
    const [revoked, expired] = [await invited(emails[0]!), await invited(emails[1]!)];
    await api.database.system('invitations').where({ email: emails[0] }).update({ status: 'revoked' });
    await api.database
      .system('invitations')
      .where({ email: emails[1] })
      .update({ expires_at: new Date(Date.now() - 1) });
    const [first, second] = [await person(emails[0]!), await person(emails[1]!)];
    const answers = [await accept(first, revoked), await accept(second, expired), await accept(first, `ivt_${'B'.repeat(43)}`)];
    const problems = answers.map(({ body }) => JSON.stringify({ ...body, request_id: null }));
    expect(new Set(problems).size).to.equal(1);
    expect(answers[0]!.body).to.include({ code: 'not_found', status: 404 });
  });

  it('409: what the inviter may not give any more is not given: they left, lost the role, or their key was revoked', async () => {
    const inviter = await signInMember(api.database, organization, ['admin']);
    const email = address();
    const token = await invited(email, [{ role: 'admin' }], api.as(inviter.accessToken));
    const caller = await person(email);
    const { userId } = inviter;
    const membershipId = await membershipOf(userId);
    await api.database.system('membership_roles').where({ membership_id: membershipId }).delete();
    const manager = { org_id: organization.orgId, id: newId(), membership_id: membershipId, role: 'manager', source: 'manual' };
    await api.database.system('membership_roles').insert(manager);
    expect((await accept(caller, token)).body).to.include({ code: 'invitation_outdated' });
    await api.database.system('memberships').where({ user_id: userId }).update({ status: 'suspended' });
    expect((await accept(caller, token)).body).to.include({ code: 'invitation_outdated' });
    const key = await createApiKey(api.database, organization);
    const other = address();
    const byKey = await invited(other, MEMBER, api.as(key.key));
    await api.database.system('api_keys').where({ id: key.id }).update({ revoked_at: new Date() });
    expect((await accept(await person(other), byKey)).body).to.include({ code: 'invitation_outdated' });
    expect([await memberships(email), await memberships(other)]).to.deep.equal([0, 0]);
    const [row] = await api.database.system('invitations').where({ email });
    expect(row).to.include({ status: 'pending', accepted_at: null });
  });

  it('409: a key that would be refused now invited nobody: expired, retired, disabled, too old for the policy, of somebody who is gone', async () => {
    const ago = new Date(Date.now() - 1_000);
    const admin = await signInMember(api.database, organization, ['admin']);
    const ends: [what: string, end: (id: string) => Promise<unknown>, ownerUserId?: string][] = [
      ['expired', (id) => changeKey(id, { expires_at: ago })],
      ['retired', (id) => changeKey(id, { rotated_at: ago, retires_at: ago })],
      ['disabled', (id) => changeKey(id, { disabled_at: ago, disabled_reason: 'request' })],
      ['too old', (id) => changeKey(id, { created_at: new Date(Date.now() - 400 * 86_400_000) })],
      ['orphaned', () => api.database.system('memberships').where({ user_id: admin.userId }).update({ status: 'suspended' }), admin.userId],
    ];
    for (const [what, end, ownerUserId] of ends) {
      const key = await createApiKey(api.database, organization, ownerUserId === undefined ? {} : { ownerUserId });
      const email = address();
      const token = await invited(email, MEMBER, api.as(key.key));
      await end(key.id);
      expect((await accept(await person(email), token)).body, what).to.include({ code: 'invitation_outdated' });
    }
  });

  it('200: a key that was rotated meanwhile goes on in its successor', async () => {
    const key = await createApiKey(api.database, organization);
    const email = address();
    const token = await invited(email, MEMBER, api.as(key.key));
    const rotated = await api.as(key.key).post(`/admin/api-keys/${typeId('key', key.id)}/rotate`, { grace_seconds: 0 });
    expect(rotated.status).to.equal(201);
    expect((await accept(await person(email), token)).status).to.equal(200);
  });

  it('402: of fifty who accept at once, on the last seat that a lower plan has left, exactly one gets in', async () => {
    const crowded = await createOrganization(api.database);
    const emails = Array.from({ length: 50 }, address);
    const callers: Caller[] = [];
    for (const email of emails) {
      callers.push(await person(email));
      expect((await api.as(crowded.key).post(`${pathOf(crowded)}/invite`, { email, roles: MEMBER })).status).to.equal(201);
    }
    const tokens = await tokensOf(emails);
    await signInMember(api.database, crowded);
    await api.database.system('organizations').where({ id: crowded.orgId }).update({ plan: 'free' });
    const answers = await Promise.all(callers.map((caller, index) => accept(caller, tokens[index]!)));
    const statuses = Map.groupBy(answers, ({ status }) => status);
    expect([statuses.get(200)?.length, statuses.get(402)?.length]).to.deep.equal([1, 49]);
    expect(await api.database.system('memberships').where({ org_id: crowded.orgId, status: 'active' })).to.have.length(3);
  });

  it('accepting takes no second seat: a full organization lets in whom it invited', async () => {
    const small = await createOrganization(api.database, { plan: 'free' });
    const emails = [address(), address()];
    for (const email of emails) {
      const token = await invited(email, MEMBER, api.as(small.key), pathOf(small));
      if (email === emails[1]) expect((await accept(await person(email), token)).status).to.equal(200);
    }
    expect((await accept(await person(emails[0]!), await tokenOf(emails[0]!))).status).to.equal(200);
  });

  it('a token in a path or a text is not written to a log', () => {
    const token = `ivt_${'aB-_'.repeat(10)}xyz`;
    expect(redactSecrets(`{"path":"/api/v1/invitations/${token}/accept"}`)).to.equal('{"path":"/api/v1/invitations/ivt_***/accept"}');
    expect(redactSecrets('smtps://me:s3cret@mail.example')).to.equal('smtps://me:***@mail.example');
  });

  const changeKey = (id: string, row: object): Promise<unknown> => api.database.system('api_keys').where({ id }).update(row);

  /** All at once: opening mails takes its time. */
  async function tokensOf(emails: string[]): Promise<string[]> {
    const mails = new Map((await waitingMails(api.database)).map(({ to, text }) => [to, text]));
    return emails.map((email) => /ivt_[\w-]+/.exec(mails.get(email)!)![0]);
  }

  async function membershipOf(userId: string): Promise<string> {
    return (await api.database.system('memberships').where({ user_id: userId }).first<{ id: string }>('id')).id;
  }
});
