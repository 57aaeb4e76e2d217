import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { useApi } from '../../support/api.ts';
import { createOrganization } from '../../support/factories.ts';
import { startReceiver } from '../../support/receiver.ts';
import type { Behaviour, Receiver } from '../../support/receiver.ts';
import { auditEntries, newWebhook } from '../../support/webhooks.ts';
import type { WireWebhook } from '../../support/webhooks.ts';

const echo: Behaviour = ({ body }) => {
  const { challenge } = (JSON.parse(body) as { data: { challenge: string } }).data;
  return (response: ServerResponse) => void response.end(JSON.stringify({ challenge }));
};

describe('webhooks: verify the receiver of an endpoint that is there', () => {
  const api = useApi();
  let receiver: Receiver;
  before(async () => {
    receiver = await startReceiver();
  });
  after(() => receiver.close());
  beforeEach(() => {
    receiver.received.length = 0;
    receiver.behave(echo);
  });

  const endpoint = async (fields: object = {}) => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const webhook = await newWebhook(caller, { url: `${receiver.url}/hook`, ...fields });
    const path = `/admin/webhooks/${webhook.id}`;
    const patch = (body: object) => caller.patch<WireWebhook>(path, body);
    const read = async (): Promise<WireWebhook> => (await caller.get<WireWebhook>(path)).body;
    return { organization, caller, webhook, path, patch, read };
  };

  it('200: verify alone asks the URL that is set, with the headers that are stored, signed by the secret that the receiver has', async () => {
    const { webhook, patch, read } = await endpoint({ headers: { 'X-Token': 'abc' } });
    const { status, body } = await patch({ verify: true });
    expect([status, body.url]).to.deep.equal([200, webhook.url]);
    expect(Date.parse(body.verified_at!)).to.be.closeTo(Date.now(), 5_000);
    const [request] = receiver.received;
    expect(request!.headers['x-token']).to.equal('abc');
    expect(() => new Webhook(webhook.secret!).verify(request!.body, request!.headers)).to.not.throw();
    expect((await read()).verified_at).to.equal(body.verified_at);
  });

  it('a new URL is unverified unless it is verified with the change; other changes and the same URL leave it verified', async () => {
    const { webhook, patch } = await endpoint({ verify: true });
    const verifiedAt = webhook.verified_at;
    expect((await patch({ name: 'Renamed' })).body.verified_at)
      .to.equal(verifiedAt)
      .and.not.equal(null);
    expect((await patch({ url: webhook.url })).body.verified_at).to.equal(verifiedAt);
    expect((await patch({ url: `${receiver.url}/new` })).body.verified_at).to.equal(null);
    const again = await patch({ url: `${receiver.url}/newer`, verify: true });
    expect(again.body.verified_at).to.be.a('string');
    expect(receiver.received.map(({ path }) => path)).to.deep.equal(['/hook', '/newer']);
  });

  it('422: a receiver that does not echo changes nothing, neither the URL nor what else was asked for', async () => {
    const { organization, caller, path, webhook, read } = await endpoint({ verify: true });
    const before = await read();
    receiver.behave(() => 204);
    const { status, body } = await caller.patch(path, { url: `${receiver.url}/stolen`, name: 'Stolen', verify: true });
    expect([status, body.code]).to.deep.equal([422, 'verification_failed']);
    expect(body.errors?.[0]?.message).to.match(/^wrong_answer: /);
    expect(await read()).to.deep.equal(before);
    const [entry] = await auditEntries(api.database, organization.orgId, 'webhooks.update');
    expect(entry).to.include({ outcome: 'failure', target_id: webhook.id });
  });

  it('409: a URL that somebody else changed in the meantime is not called verified', async () => {
    const { caller, path, patch, read } = await endpoint();
    receiver.behave((request, nth) => (response, incoming) => {
      const answer = echo(request, nth) as (response: ServerResponse, request: typeof incoming) => void;
      void patch({ url: `${receiver.url}/other` }).then(() => answer(response, incoming));
    });
    const { status, body } = await caller.patch(path, { verify: true });
    expect([status, body.code]).to.deep.equal([409, 'conflict']);
    expect(await read()).to.include({ url: `${receiver.url}/other`, verified_at: null });
  });

  it("404: another organization's endpoint is asked nothing", async () => {
    const [{ path }, stranger] = [await endpoint(), await createOrganization(api.database)];
    expect((await api.as(stranger.key).patch(path, { verify: true })).status).to.equal(404);
    expect(receiver.received).to.deep.equal([]);
  });
});
