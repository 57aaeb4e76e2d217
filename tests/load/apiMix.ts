import type { Method } from '../../server/http/route.ts';
import { createResources } from '../support/resources.ts';
import { requestsTo } from '../support/app.ts';
import type { Installation } from '../support/installation.ts';
import { createOrganization } from '../support/factories.ts';
import { signInMember } from '../support/people.ts';

/** One kind of request, and how often it comes in a hundred. */
export interface Kind {
  name: string;
  kind: 'read' | 'write' | 'probe';
  share: number;
  as: 'key' | 'session' | 'nobody';
  method: Method;
  path: string;
  /** Of the n-th request. */
  body?: (n: number) => object;
}

export interface Mix {
  kinds: Kind[];
  /** Access tokens and keys by turns; a person may make only so many requests an hour. */
  credentials: Record<Exclude<Kind['as'], 'nobody'>, string[]>;
}

const PEOPLE = 40;
const EVENTS = 500;
const ENDPOINTS = 20;

/** An organization with endpoints, events and people, and the requests that are made of it. The shares sum up to a hundred. */
export async function prepareMix({ api, database }: Installation): Promise<Mix> {
  const organization = await createOrganization(database, { name: 'Bench' });
  const app = requestsTo(api.url);
  const { key } = organization;
  const { whk, evt } = await createResources(app, organization);
  for (let n = 0; n < ENDPOINTS; n += 1) {
    const body = { name: `Endpoint ${n}`, url: 'http://127.0.0.1:9/', events: ['meeting.booked'] };
    await app.request('POST', '/api/v1/admin/webhooks', { key, body });
  }
  for (let n = 0; n < EVENTS; n += 1) await app.request('POST', '/api/v1/events', { key, body: lead(n) });
  const session: string[] = [];
  for (let n = 0; n < PEOPLE; n += 1) session.push((await signInMember(database, organization, ['admin'])).accessToken);
  return { kinds: kindsOf(whk!, evt!), credentials: { key: [key], session } };
}

const lead = (n: number) => ({ type: 'lead.created', data: { lead_id: `lead_${n}`, note: 'x'.repeat(300) } });

function kindsOf(whk: string, evt: string): Kind[] {
  const get = (name: string, as: Kind['as'], share: number, path: string): Kind => ({ name, kind: 'read', as, share, method: 'GET', path });
  const update = (n: number) => ({ description: `Changed by request ${n}` });
  return [
    get('webhooks.list', 'key', 8, '/api/v1/admin/webhooks?limit=20'),
    get('webhooks.list', 'session', 7, '/api/v1/admin/webhooks?limit=20'),
    get('webhooks.get', 'key', 10, `/api/v1/admin/webhooks/${whk}`),
    get('webhooks.get', 'session', 10, `/api/v1/admin/webhooks/${whk}`),
    get('events.list', 'key', 5, '/api/v1/events?limit=20'),
    get('events.list', 'session', 5, '/api/v1/events?limit=20'),
    get('events.get', 'key', 10, `/api/v1/events/${evt}`),
    { name: 'events.publish', kind: 'write', as: 'key', share: 25, method: 'POST', path: '/api/v1/events', body: lead },
    {
      name: 'webhooks.update',
      kind: 'write',
      as: 'session',
      share: 5,
      method: 'PATCH',
      path: `/api/v1/admin/webhooks/${whk}`,
      body: update,
    },
    { name: 'probe without a credential', kind: 'probe', as: 'nobody', share: 5, method: 'GET', path: '/api/v1/bench/open' },
    { name: 'probe with an API key', kind: 'probe', as: 'key', share: 5, method: 'GET', path: '/api/v1/bench/closed' },
    { name: 'probe with a session', kind: 'probe', as: 'session', share: 5, method: 'GET', path: '/api/v1/bench/closed' },
  ];
}

/**
 * The kinds in an order that repeats, each spread over every hundred requests as evenly as its share allows. Probes come one behind the other,
 * and change places from one hundred to the next: none is always the first.
 */
export function spread(kinds: Kind[]): Kind[] {
  const places = kinds.flatMap((kind, of) =>
    Array.from({ length: kind.share }, (_none, at) => ({ kind, place: (at + (of + 1) / (kinds.length + 1)) / kind.share })),
  );
  const hundred = places.toSorted((a, b) => a.place - b.place).map(({ kind }) => kind);
  const probes = kinds.filter(({ kind }) => kind === 'probe');
  if (probes.length === 0) return hundred;
  return probes.flatMap((_probe, turn) =>
    hundred.map((kind) => (kind.kind === 'probe' ? probes[(probes.indexOf(kind) + turn) % probes.length]! : kind)),
  );
}
