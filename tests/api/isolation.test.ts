import { expect } from 'chai';
import { z } from 'zod';
import { api } from '../../server/http/api.ts';
import { canonicalPath, mountsOf } from '../../server/http/mounts.ts';
import type { Route } from '../../server/http/route.ts';
import { typeId } from '../../server/ids.ts';
import type { IdPrefix } from '../../server/ids.ts';
import { useApp } from '../support/app.ts';
import type { TestAnswer } from '../support/app.ts';
import { useDatabase } from '../support/database.ts';
import { createOrganization } from '../support/factories.ts';
import type { TestOrganization } from '../support/factories.ts';
import { addCredential, secondFactor } from '../support/factors.ts';
import { signIn } from '../support/people.ts';
import { createResources, neverExisted } from '../support/resources.ts';
import type { Resources } from '../support/resources.ts';

/** Every id that the fields of an object name: field → prefix. */
function idFields(schema: z.ZodType | undefined): [field: string, prefix: IdPrefix][] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([field, type]) => {
    const described = JSON.stringify(z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' }));
    const prefix = /"x-id-prefix":"(\w+)"/.exec(described)?.[1];
    return prefix ? [[field, prefix as IdPrefix]] : [];
  });
}

/** Parameters that are names, not ids, with one that is in no organization. The tests of their routes ask for another organization's. */
const NAMES: Readonly<Record<string, string>> = { name: 'not.there', token: 'ivt_nowhere' };

const isTenant = (name: string): boolean => name === 'tenant_id' || name === 'organization_id';
/** An organization that the route looks for itself, because nobody is in it: one that is being deleted. */
const takes = ({ params }: Route, name: string): boolean => params !== undefined && name in params.shape;
/** The same again under another name: what its bodies and lists do is known from the first. */
const isAlias = (route: Route, path: string): boolean => path !== canonicalPath(route);

const mounts = mountsOf(api).filter(({ path }) => path.startsWith('/api/v1/'));

describe('isolation: two organizations, every route of the list', () => {
  const database = useDatabase();
  const app = useApp(database);
  let key: string;
  /** Of the owner's session: for routes that no API key may call. */
  let accessToken: string;
  let own: Resources;
  let foreign: Resources;
  let never: Resources;
  before(async () => {
    const [a, b] = [await createOrganization(database), await createOrganization(database)];
    key = a.key;
    const [ownSession, foreignSession] = [await signInOwner(a), await signInOwner(b)];
    accessToken = ownSession.accessToken;
    own = { ...(await createResources(app, a)), ses: typeId('ses', ownSession.sessionId), wac: await addCredential(database, ownSession) };
    foreign = {
      ...(await createResources(app, b)),
      ses: typeId('ses', foreignSession.sessionId),
      wac: await addCredential(database, foreignSession),
    };
    never = neverExisted(foreign);
  });

  const signInOwner = (organization: TestOrganization) =>
    signIn(database, { userId: organization.ownerUserId, email: 'owner@example.com' }, organization, secondFactor());
  const ask = (route: Route, path: string, tenant: string, ids: string[], body: unknown = route.examples?.body): Promise<TestAnswer> => {
    const filled = [...ids];
    const url = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
      isTenant(name) && !takes(route, name) ? tenant : (NAMES[name] ?? filled.shift()!),
    );
    return app.request(route.method, url, { key: route.signedIn ? accessToken : key, ...(route.body && { body }) });
  };
  const withoutRequestId = ({ status, json }: TestAnswer) => ({ status, body: { ...json, request_id: null } });
  const expectMasked = (foreignAnswer: TestAnswer, neverAnswer: TestAnswer): void => {
    expect(withoutRequestId(foreignAnswer)).to.deep.equal(withoutRequestId(neverAnswer));
    expect([foreignAnswer.status, foreignAnswer.json.code]).to.deep.equal([404, 'not_found']);
  };
  const pick = (resources: Resources, fields: [string, IdPrefix][]): string[] => fields.map(([, prefix]) => resources[prefix]!);

  it('knows how to make one of everything that a route names by its id', () => {
    const named = api.flatMap(({ operationId, path, params, query, body }) => {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).filter((name) => !isTenant(name));
      const known = idFields(params);
      const bare = inPath.filter((name) => !(name in NAMES) && !known.some(([field]) => field === name));
      expect(bare, `${operationId}: parameters that are no ids need a sweep of their own`).to.deep.equal([]);
      return [...known, ...idFields(query), ...idFields(body)].map(([, prefix]) => prefix);
    });
    expect(own).to.include.all.keys(...new Set(named));
  });

  for (const { route, path, tenantInPath } of mounts) {
    const fields = idFields(route.params);
    if (route.body && !isAlias(route, path)) {
      it(`${route.operationId} shows an example of its body, which the sweep sends`, () => {
        expect(route.body!.safeParse(route.examples?.body).success).to.equal(true);
      });
    }
    if (fields.length > 0) {
      it(`404: ${route.method} ${path} with the other's ids`, async () => {
        const tenant = own.org!;
        expectMasked(await ask(route, path, tenant, pick(foreign, fields)), await ask(route, path, tenant, pick(never, fields)));
      });
    }
    for (const [index, [field]] of fields.length > 1 ? fields.entries() : []) {
      it(`404: ${route.method} ${path} with own ids but for the other's ${field}`, async () => {
        const mixed = (others: Resources) => pick(own, fields).with(index, pick(others, fields)[index]!);
        expectMasked(await ask(route, path, own.org!, mixed(foreign)), await ask(route, path, own.org!, mixed(never)));
      });
    }
    if (tenantInPath) {
      it(`404: ${route.method} ${path} in the other organization, with own ids and with its ids`, async () => {
        for (const resources of [own, foreign]) {
          const ids = pick(resources, fields);
          expectMasked(await ask(route, path, foreign.org!, ids), await ask(route, path, never.org!, ids));
        }
      });
    }
    for (const [field, prefix] of isAlias(route, path) ? [] : idFields(route.body)) {
      it(`${route.method} ${path} with the other's ${field} in the body answers as for one that never existed`, async () => {
        const example = route.examples?.body as object;
        const withId = (others: Resources) => ask(route, path, own.org!, pick(own, fields), { ...example, [field]: others[prefix] });
        const [foreignAnswer, neverAnswer] = [await withId(foreign), await withId(never)];
        expect(foreignAnswer.status).to.be.within(400, 499);
        const neutral = (answer: TestAnswer, id: string) => JSON.stringify(withoutRequestId(answer)).replaceAll(id, '<id>');
        expect(neutral(foreignAnswer, foreign[prefix]!)).to.equal(neutral(neverAnswer, never[prefix]!));
      });
    }
    if (route.method === 'GET' && fields.length === 0 && !isAlias(route, path)) {
      it(`${route.method} ${path} shows nothing of the other organization`, async () => {
        const { text } = await ask(route, path, own.org!, []);
        for (const id of Object.values(foreign)) expect(text).not.to.contain(id);
      });
    }
  }
});
