import { expect } from 'chai';
import { newId, typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { waitingMails } from '../../support/mailbox.ts';
import { createPerson, signIn, signInMember } from '../../support/people.ts';

describe('invitations that a membership ends', () => {
  const api = useApi();
  let organization: TestOrganization;
  let path: string;
  let owner: Caller;
  before(async () => {
    organization = await createOrganization(api.database, { plan: 'free' });
    path = `/organizations/${typeId('org', organization.orgId)}`;
    owner = api.as(organization.key);
  });

  const invite = async (email: string): Promise<string> => {
    const { status, text } = await owner.post(`${path}/invite`, { email, roles: [{ role: 'member' }] });
    expect(status, text).to.equal(201);
    return /ivt_[\w-]+/.exec((await waitingMails(api.database, email)).at(-1)!.text)![0];
  };
  const accept = (caller: Caller, token: string) => caller.post(`/invitations/${token}/accept`);
  const remove = async (userId: string): Promise<void> => {
    expect((await owner.delete(`${path}/members/${typeId('usr', userId)}`)).status).to.equal(204);
  };

  it('whoever joins by domain takes one seat, not a second one for the invitation, and does not come back by it once removed', async () => {
    const { orgId } = organization;
    const at = new Date();
    const domain = { org_id: orgId, id: newId(), domain: 'joins.example', challenge: 'x', status: 'verified', verified_at: at };
    await api.database.system('domains').insert({ ...domain, next_check_at: at, created_at: at, updated_at: at });
    const settings = JSON.stringify({ domains: { join: true } });
    await api.database.system('organizations').where({ id: orgId }).update({ settings });
    const used = async (): Promise<number | undefined> => {
      const { body } = await owner.get<{ limits: { name: string; used: number }[] }>(`${path}/limits`);
      return body.limits.find(({ name }) => name === 'seats')?.used;
    };
    const token = await invite('grace@joins.example');
    const before = await used();
    const grace = await createPerson(api.database, { email: 'grace@joins.example', verified: true });
    const caller = api.as((await signIn(api.database, grace)).accessToken);
    expect((await caller.post('/organizations/join', {})).status).to.equal(200);
    expect(await used()).to.equal(before);
    await remove(grace.userId);
    expect((await accept(caller, token)).status).to.equal(404);
  });

  it('whoever is removed does not come back by an invitation of the address that they moved to', async () => {
    const member = await signInMember(api.database, organization, ['member']);
    const token = await invite('moved@elsewhere.example');
    await api.database
      .system('users')
      .where({ id: member.userId })
      .update({ email: 'moved@elsewhere.example', email_verified_at: new Date() });
    await remove(member.userId);
    const again = await signIn(api.database, member);
    expect((await accept(api.as(again.accessToken), token)).status).to.equal(404);
  });
});
