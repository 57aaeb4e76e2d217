import { expect } from 'chai';
import { useApi } from '../../support/api.ts';
import { createOrganization } from '../../support/factories.ts';
import { newWebhook, rowsOf } from '../../support/webhooks.ts';
import type { WireWebhook } from '../../support/webhooks.ts';

const HALF = '\ud800';
const WEBHOOK = { name: 'x', url: 'http://127.0.0.1:9/', events: ['*'] };

describe('webhooks: texts that would be stored as something else', () => {
  const api = useApi();
  const acme = async () => api.as((await createOrganization(api.database)).key);

  for (const field of [
    { name: `a${HALF}b` },
    { description: `a${HALF}` },
    { url: `http://127.0.0.1:9/${HALF}` },
    { headers: { 'X-A': HALF } },
  ]) {
    it(`400: half of a surrogate pair in ${Object.keys(field)[0]} is refused, and not replaced without a word`, async () => {
      const caller = await acme();
      const created = await caller.post('/admin/webhooks', { ...WEBHOOK, ...field });
      expect([created.status, created.body.code]).to.deep.equal([400, 'validation_failed']);
      expect(created.body.detail).to.contain('surrogate');
      const { id } = await newWebhook(caller);
      expect((await caller.patch(`/admin/webhooks/${id}`, field)).status).to.equal(400);
    });
  }

  it('400: a line separator makes a name two lines; a whole surrogate pair is a character like any other', async () => {
    const caller = await acme();
    expect((await caller.post('/admin/webhooks', { ...WEBHOOK, name: 'a\u2028b' })).status).to.equal(400);
    const { status, body } = await caller.post<WireWebhook>('/admin/webhooks', { ...WEBHOOK, name: '😀' });
    expect([status, body.name]).to.deep.equal([201, '😀']);
  });

  it('400: the *** of a read is not written back over the header it stands for', async () => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const { id } = await newWebhook(caller, { headers: { Authorization: 'Bearer receiver-token' } });
    const sealed = async (): Promise<unknown> =>
      (await rowsOf<{ headers_sealed: Buffer }>(api.database, organization.orgId, 'webhook_endpoints'))[0]!.headers_sealed;
    const before = await sealed();
    const { headers } = (await caller.get<WireWebhook>(`/admin/webhooks/${id}`)).body;
    const answer = await caller.patch(`/admin/webhooks/${id}`, { name: 'Renamed', headers });
    expect([answer.status, answer.body.code]).to.deep.equal([400, 'header_not_allowed']);
    expect(answer.body.errors![0]!.location).to.equal('body.headers.Authorization');
    expect(answer.body.detail).to.contain('leave headers out');
    expect(await sealed()).to.deep.equal(before);
  });

  it('400: thousands of wrong headers are not answered with thousands of sentences', async () => {
    const headers = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`bad name ${i}`, 'x']));
    const answer = await (await acme()).post('/admin/webhooks', { ...WEBHOOK, headers });
    expect([answer.status, answer.body.errors!.length]).to.deep.equal([400, 50]);
  });
});
