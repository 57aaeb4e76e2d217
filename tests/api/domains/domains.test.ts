import { expect } from 'chai';
import { newId, typeId } from '../../../server/ids.ts';
import { useApp } from '../../support/app.ts';
import { Caller } from '../../support/api.ts';
import { useDatabase } from '../../support/database.ts';
import { startDnsServer } from '../../support/dnsServer.ts';
import type { DnsServer } from '../../support/dnsServer.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { waitingMails } from '../../support/mailbox.ts';
import { createPerson, signIn, signInMember } from '../../support/people.ts';

interface Domain {
  id: string;
  domain: string;
  status: string;
  record: { name: string; value: string };
  confirmed_at: string | null;
}

let count = 0;
const newDomain = (): string => `d${(count += 1)}.acme.example`;

describe('domains', () => {
  const database = useDatabase();
  let dns: DnsServer;
  const zone = new Map<string, string[]>();
  before('start the name server', async () => {
    dns = await startDnsServer();
    dns.answer(({ name, type }) => (type === 'TXT' && zone.has(name) ? { texts: zone.get(name)! } : 'NXDOMAIN'));
  });
  after(() => dns.close());
  const app = useApp(database, { config: () => ({ DOMAIN_DNS_SERVERS: dns.address }) });
  const as = (key: string | null): Caller => new Caller(app, key);
  let organization: TestOrganization;
  let owner: Caller;
  let path: string;
  before(async () => {
    organization = await createOrganization(database);
    path = pathOf(organization);
    owner = as(organization.key);
  });

  const pathOf = ({ orgId }: TestOrganization): string => `/organizations/${typeId('org', orgId)}/domains`;
  const add = async (domain: string, by = owner, at = path): Promise<Domain> => {
    const { status, body, text } = await by.post<Domain>(at, { domain });
    expect(status, text).to.equal(201);
    return body;
  };
  const publish = ({ record }: Domain): Map<string, string[]> => zone.set(record.name, ['something else', record.value]);
  const verify = ({ id }: Domain, by = owner, at = path) => by.post<Domain>(`${at}/${id}/verify`);
  const verified = async (domain: string, by = owner, at = path): Promise<Domain> => {
    const added = await add(domain, by, at);
    publish(added);
    const { status, body, text } = await verify(added, by, at);
    expect(status, text).to.equal(200);
    return body;
  };

  it('201: waits for its record; 422 until it is there, naming it; then verified, in the log, listed and to be looked at every day', async () => {
    const domain = await add(newDomain().toUpperCase());
    expect(domain).to.include({ status: 'pending', domain: domain.domain.toLowerCase() });
    const early = await verify(domain);
    expect([early.status, early.text]).to.satisfy(
      ([status, text]: [number, string]) => status === 422 && text.includes(domain.record.name),
    );
    publish(domain);
    expect((await verify(domain)).body).to.include({ status: 'verified' });
    const { body } = await owner.get<{ data: Domain[] }>(path);
    expect(body.data.find(({ id }) => id === domain.id)).to.include({ status: 'verified' });
    const [row] = await database.system('domains').where({ domain: domain.domain });
    expect((row!.next_check_at as Date).getTime() - Date.now()).to.be.closeTo(86_400_000, 60_000);
    const entries = await database.system('audit_view').where({ action: 'domains.verify', target_id: domain.id });
    expect(entries).to.have.length(1);
    expect((await owner.delete(`${path}/${domain.id}`)).status).to.equal(204);
    expect((await verify(domain)).status).to.equal(404);
  });

  it('422 for what cannot be anybody’s, 409 for one that is in the list, 400 for no text', async () => {
    for (const domain of ['co.uk', 'gmail.com', '10.0.0.1', 'localhost'])
      expect((await owner.post(path, { domain })).body).to.include({ code: 'domain_not_allowed' });
    const { domain } = await add(newDomain());
    expect((await owner.post(path, { domain: ` ${domain}. ` })).status).to.equal(409);
    expect((await owner.post(path, { domain: 7 })).status).to.equal(400);
  });

  it('401 without a credential, 403 without the permission, 404 elsewhere and for what is not there', async () => {
    const domain = await add(newDomain());
    expect((await as(null).post(path, { domain: newDomain() })).status).to.equal(401);
    const manager = as((await signInMember(database, organization, ['manager'])).accessToken);
    expect((await manager.post(path, { domain: newDomain() })).status).to.equal(403);
    expect((await manager.delete(`${path}/${domain.id}`)).status).to.equal(403);
    expect((await manager.get(path)).status).to.equal(200);
    const other = await createOrganization(database);
    expect((await verify(domain, as(other.key), pathOf(other))).status).to.equal(404);
    expect((await owner.delete(`${path}/${typeId('dom', newId())}`)).status).to.equal(404);
  });

  it('403: who lacks what the role of joining allows neither lets people join nor proves the domain whose people would', async () => {
    const theirs = await createOrganization(database);
    const [chief, at] = [as(theirs.key), pathOf(theirs)];
    const few = as((await createApiKey(database, theirs, { scopes: ['organization.read', 'organization.update'] })).key);
    const settings = { settings: { domains: { join: true, join_role: 'viewer' } } };
    const home = at.replace(/\/domains$/, '');
    expect((await few.patch(home, settings)).body).to.include({ code: 'permission_denied' });
    expect((await chief.patch(home, settings)).status).to.equal(200);
    const domain = await add(newDomain(), few, at);
    publish(domain);
    expect((await verify(domain, few, at)).body).to.include({ code: 'permission_denied' });
    expect((await few.patch(home, { settings: { domains: { join_role: 'member' } } })).status).to.equal(403);
    expect((await few.patch(home, { name: 'Acme again' })).status).to.equal(200);
    expect((await verify(domain, chief, at)).body).to.include({ status: 'verified' });
  });

  it('one owner: a second organization may list the domain, and is told of the first only after it has proven it', async () => {
    const name = newDomain();
    await verified(name);
    const other = await createOrganization(database);
    const [caller, at] = [as(other.key), pathOf(other)];
    const theirs = await add(name, caller, at);
    expect((await verify(theirs, caller, at)).body).to.include({ code: 'domain_unproven' });
    publish(theirs);
    expect((await verify(theirs, caller, at)).body).to.include({ code: 'domain_taken' });
    const [ours] = (await owner.get<{ data: Domain[] }>(path)).body.data.filter(({ domain }) => domain === name);
    await owner.delete(`${path}/${ours!.id}`);
    expect((await verify(theirs, caller, at)).body).to.include({ status: 'verified' });
  });

  it('of two organizations that prove a domain at the same moment one gets it', async () => {
    const name = newDomain();
    const others = await Promise.all([createOrganization(database), createOrganization(database)]);
    const pairs = others.map((each) => ({ caller: as(each.key), at: pathOf(each) }));
    const added = await Promise.all(pairs.map(({ caller, at }) => add(name, caller, at)));
    zone.set(
      added[0]!.record.name,
      added.map(({ record }) => record.value),
    );
    const answers = await Promise.all(pairs.map(({ caller, at }, index) => verify(added[index]!, caller, at)));
    expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([200, 409]);
  });

  describe('organizations.join', () => {
    const person = async (email: string, isVerified = true): Promise<Caller> =>
      as((await signIn(database, await createPerson(database, { email, verified: isVerified }))).accessToken);
    const join = (caller: Caller, body?: object) =>
      caller.post<{ role: string; organization: { id: string } }>('/organizations/join', body);
    const letIn = (orgId: string, domains: object) =>
      database
        .system('organizations')
        .where({ id: orgId })
        .update({ settings: JSON.stringify({ domains }) });

    it('200: a verified address of a verified domain joins with the role of the policy, once', async () => {
      const name = newDomain();
      await verified(name);
      await letIn(organization.orgId, { join: true, join_role: 'viewer' });
      const caller = await person(`ada@${name}`);
      const joined = await join(caller);
      expect([joined.status, joined.body.role, joined.body.organization.id]).to.deep.equal([
        200,
        'viewer',
        typeId('org', organization.orgId),
      ]);
      expect((await join(caller)).status).to.equal(409);
      const grants = await database.system('membership_roles').where({ source: 'domain' });
      expect(grants.map(({ role }) => role as string)).to.deep.equal(['viewer']);
    });

    it('404, always the same: no owner, an owner that lets nobody in, another organization, a domain below or above', async () => {
      const name = newDomain();
      const other = await createOrganization(database);
      await verified(name, as(other.key), pathOf(other));
      await letIn(other.orgId, { join: false });
      const answers = [await join(await person(`a@${newDomain()}`)), await join(await person(`a@${name}`))];
      await letIn(other.orgId, { join: true });
      answers.push(await join(await person(`b@${name}`), { organization_id: typeId('org', organization.orgId) }));
      answers.push(await join(await person(`b@sub.${name}`)), await join(await person('b@acme.example')));
      const problems = answers.map(({ body }) => JSON.stringify({ ...body, request_id: null }));
      expect(new Set(problems).size).to.equal(1);
      expect(answers[0]!.status).to.equal(404);
      expect((await join(await person(`c@${name}`), { organization_id: typeId('org', other.orgId) })).status).to.equal(200);
    });

    it('403 for an address that is not verified and for a key; 401 for nobody; 402 when no seat is left', async () => {
      const name = newDomain();
      const small = await createOrganization(database, { plan: 'free' });
      await verified(name, as(small.key), pathOf(small));
      await letIn(small.orgId, { join: true });
      expect((await join(await person(`a@${name}`, false))).body).to.include({ code: 'email_not_verified' });
      expect((await join(as(small.key))).status).to.equal(403);
      expect((await join(as(null))).status).to.equal(401);
      const crowd = [];
      for (const letter of 'bcdef') crowd.push(await person(`${letter}@${name}`));
      const answers = await Promise.all(crowd.map((caller) => join(caller)));
      expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([200, 200, 402, 402, 402]);
    });
  });

  it('with restrict_members only addresses of verified domains are invited, and who was invited before is refused', async () => {
    const name = newDomain();
    const strict = await createOrganization(database);
    await verified(name, as(strict.key), pathOf(strict));
    const early = await createPerson(database, { email: 'early@elsewhere.example' });
    const invite = (email: string) =>
      as(strict.key).post(`/organizations/${typeId('org', strict.orgId)}/invite`, { email, roles: [{ role: 'member' }] });
    expect((await invite(early.email)).status).to.equal(201);
    await database
      .system('organizations')
      .where({ id: strict.orgId })
      .update({ settings: JSON.stringify({ domains: { restrict_members: true } }) });
    expect((await invite('ada@elsewhere.example')).body).to.include({ code: 'address_not_allowed' });
    expect((await invite(`ada@${name}`)).status).to.equal(201);
    const [mail] = await waitingMails(database, early.email);
    const token = /ivt_[\w-]+/.exec(mail!.text)![0];
    const caller = as((await signIn(database, early)).accessToken);
    expect((await caller.post(`/invitations/${token}/accept`)).body).to.include({ code: 'invitation_outdated' });
  });
});
