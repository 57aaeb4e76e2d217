import { expect } from 'chai';
import type { z } from 'zod';
import { newId, typeId } from '../../../server/ids.ts';
import type { Replay } from '../../../server/http/routes/webhooks/replaySchemas.ts';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { newWebhook } from '../../support/webhooks.ts';
import type { WirePage } from '../../support/webhooks.ts';

type WireReplay = z.output<typeof Replay>;
type Page = WirePage<WireReplay>;

describe('webhooks.replays.list', () => {
  const api = useApi();
  let organization: TestOrganization;
  let caller: Caller;
  let endpoint: string;
  beforeEach(async () => {
    organization = await createOrganization(api.database);
    caller = api.as(organization.key);
    endpoint = `/admin/webhooks/${(await newWebhook(caller)).id}`;
  });

  /** Started and cancelled, because an endpoint has one at a time. */
  const finished = async (at = endpoint): Promise<string> => {
    const { id } = (await caller.post<WireReplay>(`${at}/replay`, {})).body;
    expect((await caller.post(`${at}/replays/${id}/cancel`)).status).to.equal(200);
    return id;
  };

  it('200: every replay of the endpoint once, newest first, over pages, as it is read by its id', async () => {
    const made = [await finished(), await finished(), await finished()];
    made.push((await caller.post<WireReplay>(`${endpoint}/replay`, { per_second: 7 })).body.id);
    const seen: WireReplay[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { status, body }: { status: number; body: Page } = await caller.get<Page>(`${endpoint}/replays?limit=3${cursor}`);
      expect([status, body.has_more]).to.deep.equal([200, body.next_cursor !== null]);
      seen.push(...body.data);
      cursor = body.next_cursor === null ? null : `&cursor=${body.next_cursor}`;
    }
    expect(seen.map(({ id }) => id)).to.deep.equal(made.toReversed());
    expect(seen.map(({ finished_at: at }) => at === null)).to.deep.equal([true, false, false, false]);
    expect(seen[1]).to.deep.equal((await caller.get<WireReplay>(`${endpoint}/replays/${made[2]}`)).body);
  });

  it('200: none of another endpoint, and an empty page where there are none', async () => {
    const other = `/admin/webhooks/${(await newWebhook(caller)).id}`;
    const own = await finished();
    await finished(other);
    expect((await caller.get<Page>(`${endpoint}/replays`)).body.data.map(({ id }) => id)).to.deep.equal([own]);
    const unused = `/admin/webhooks/${(await newWebhook(caller)).id}`;
    expect((await caller.get<Page>(`${unused}/replays`)).body).to.deep.equal({ data: [], next_cursor: null, has_more: false });
  });

  it('409 of a second replay names the one that is in the way, which is the newest of the list', async () => {
    const { id } = (await caller.post<WireReplay>(`${endpoint}/replay`, {})).body;
    const { status, body } = await caller.post(`${endpoint}/replay`, {});
    expect([status, body.code]).to.deep.equal([409, 'conflict']);
    expect(body.detail).to.equal(`Another replay of this endpoint, ${id}, is not finished. Wait for it, or cancel it.`);
    expect((await caller.get<Page>(`${endpoint}/replays?limit=1`)).body.data[0]?.id).to.equal(id);
  });

  it('400: a limit out of bounds, an unknown filter, an id that is none, the cursor of another endpoint', async () => {
    for (let i = 0; i < 2; i += 1) await finished();
    const { next_cursor: cursor } = (await caller.get<Page>(`${endpoint}/replays?limit=1`)).body;
    const other = `/admin/webhooks/${(await newWebhook(caller)).id}`;
    const codes = await Promise.all(
      [
        `${endpoint}/replays?limit=201`,
        `${endpoint}/replays?status=running`,
        '/admin/webhooks/x/replays',
        `${other}/replays?cursor=${cursor}`,
      ].map(async (path) => {
        const { status, body } = await caller.get(path);
        return [status, body.code];
      }),
    );
    expect(codes).to.deep.equal([...Array.from({ length: 3 }, () => [400, 'validation_failed']), [400, 'invalid_cursor']]);
  });

  it('401, 403, 404: needs webhook.read, and an endpoint of the own organization that is there', async () => {
    const { key } = await createApiKey(api.database, organization, { scopes: ['webhook.write', 'webhook.replay'] });
    expect((await api.as(null).get(`${endpoint}/replays`)).status).to.equal(401);
    expect((await api.as(key).get(`${endpoint}/replays`)).status).to.equal(403);
    const stranger = await api.as((await createOrganization(api.database)).key).get(`${endpoint}/replays`);
    const absent = await caller.get(`/admin/webhooks/${typeId('whk', newId())}/replays`);
    expect([stranger.status, absent.status]).to.deep.equal([404, 404]);
    expect({ ...stranger.body, request_id: '' }).to.deep.equal({ ...absent.body, request_id: '' });
    await caller.delete(endpoint);
    expect((await caller.get(`${endpoint}/replays`)).status).to.equal(404);
  });
});
