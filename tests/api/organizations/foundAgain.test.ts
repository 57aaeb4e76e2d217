import { expect } from 'chai';
import type { z } from 'zod';
import type { OrganizationList, OrganizationOut } from '../../../server/http/routes/organizations/schemas.ts';
import { uuidOf } from '../../../server/ids.ts';
import { forgetEnded } from '../../../services/auth/forgetEnded.ts';
import { useApi } from '../../support/api.ts';
import { createOrganization } from '../../support/factories.ts';
import { createPerson, signIn } from '../../support/people.ts';

type WireOrganization = z.output<typeof OrganizationOut>;
type WireList = z.output<typeof OrganizationList>;

describe('organizations.create with an Idempotency-Key', () => {
  const api = useApi();
  const person = async () => {
    const { accessToken, userId } = await signIn(api.database, await createPerson(api.database));
    return { caller: api.as(accessToken), userId };
  };

  it('a repeat with the same Idempotency-Key founds nothing, also ten at the same moment; another body under it is refused', async () => {
    const { caller } = await person();
    const found = (name: string, key = 'founding-1') =>
      caller.post<WireOrganization>('/organizations', { name }, { 'idempotency-key': key });
    const answers = await Promise.all(Array.from({ length: 10 }, () => found('Once')));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).to.equal(1);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).to.have.length(9);
    expect((await caller.get<WireList>('/organizations')).body.data).to.have.length(1);
    expect((await found('Twice')).body).to.include({ code: 'idempotency_mismatch' });
    expect((await found('Twice', 'no spaces')).body).to.include({ code: 'invalid_idempotency_key' });
    const stranger = await person();
    const theirs = await stranger.caller.post<WireOrganization>('/organizations', { name: 'Once' }, { 'idempotency-key': 'founding-1' });
    expect(theirs.body.id).not.to.equal(answers[0]!.body.id);
    await api.database.system('person_requests').update({ expires_at: new Date() });
    await api.database.system.transaction((trx) => forgetEnded(trx, { now: new Date(), limit: 1_000 }));
    expect(await api.database.system('person_requests')).to.deep.equal([]);
    expect((await found('Twice')).body.id).not.to.equal(answers[0]!.body.id);
  });

  it('what fails keeps no Idempotency-Key: the repeat is a new try', async () => {
    const { caller } = await person();
    await api.database
      .system('organizations')
      .where({ id: (await createOrganization(api.database)).orgId })
      .update({ slug: 'acme-found' });
    const found = (slug: string) => caller.post<WireOrganization>('/organizations', { name: 'Try', slug }, { 'idempotency-key': 'try-1' });
    expect((await found('acme-found')).status).to.equal(409);
    expect((await found('acme-try')).status).to.equal(201);
  });

  it('409: a repeat tells who is suspended, or no member any more, nothing about the organization', async () => {
    const { caller, userId } = await person();
    const found = (key: string) => caller.post<WireOrganization>('/organizations', { name: 'Heronry' }, { 'idempotency-key': key });
    const { id } = (await found('left-1')).body;
    const membership = () => api.database.system('memberships').where({ org_id: uuidOf('org', id), user_id: userId });
    await membership().update({ status: 'suspended' });
    const suspended = await found('left-1');
    await membership().delete();
    for (const { status, body, text } of [suspended, await found('left-1')]) {
      expect(status).to.equal(409);
      expect(body).to.include({ code: 'conflict' });
      expect(text).to.contain('Use a new key').and.not.to.contain(id).and.not.to.contain('Heronry');
    }
    expect((await found('left-2')).status).to.equal(201);
  });
});
