import type { IdPrefix } from '../../server/ids.ts';
import { newId, typeId } from '../../server/ids.ts';
import type { TestApp } from './app.ts';
import type { TestOrganization } from './factories.ts';

/** One resource of each kind that a path, a query or a body can name: public ids. */
export type Resources = Partial<Record<IdPrefix, string>>;

/**
 * Makes one of each through the API. A new noun whose ids appear in the API joins here;
 * until it does, the isolation sweep fails and names it.
 */
export async function createResources(
  app: Pick<TestApp, 'request'>,
  { key, orgId, workspaceId, ownerUserId }: TestOrganization,
): Promise<Resources> {
  const webhook = { name: 'Receiver', url: 'http://127.0.0.1:9/', events: ['lead.created'] };
  const whk = idOf(await app.request('POST', '/api/v1/admin/webhooks', { key, body: webhook }));
  const evt = idOf(await app.request('POST', '/api/v1/events', { key, body: { type: 'lead.created', data: { name: 'Ada' } } }));
  const deliveries = await app.request('GET', `/api/v1/admin/webhooks/${whk}/deliveries`, { key });
  const replay = await app.request('POST', `/api/v1/admin/webhooks/${whk}/replay`, { key, body: {} });
  const erasure = await app.request('POST', '/api/v1/events/erase-payloads', {
    key,
    body: { subject: { path: 'data.name', value: 'Grace' } },
  });
  const org = typeId('org', orgId);
  const guest = { email: 'guest@example.com', roles: [{ role: 'member' }] };
  const role = { name: 'Analyst', permissions: ['analytics.read'] };
  return {
    org,
    dom: idOf(await app.request('POST', `/api/v1/organizations/${org}/domains`, { key, body: { domain: 'acme.example' } })),
    inv: idOf(await app.request('POST', `/api/v1/organizations/${org}/invite`, { key, body: guest })),
    wsp: typeId('wsp', workspaceId),
    usr: typeId('usr', ownerUserId),
    key: idOf(await app.request('POST', '/api/v1/admin/api-keys', { key, body: { name: 'Reader', scopes: ['lead.read'] } })),
    rol: idOf(await app.request('POST', '/api/v1/admin/roles', { key, body: role })),
    whk,
    evt,
    rpl: idOf(replay),
    ers: idOf(erasure),
    dlv: idOf({ ...deliveries, json: deliveries.json.data[0] }),
  };
}

/** Well-formed ids of things that never existed, for the same kinds. */
export const neverExisted = (resources: Resources): Resources =>
  Object.fromEntries(Object.keys(resources).map((prefix) => [prefix, typeId(prefix as IdPrefix, newId())]));

function idOf({ status, json, text }: { status: number; json: { id?: string } | null; text: string }): string {
  if (json?.id === undefined) throw new Error(`no resource was made: ${status} ${text}`);
  return json.id;
}
