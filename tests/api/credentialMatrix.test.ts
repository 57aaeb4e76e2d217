import { expect } from 'chai';
import { api } from '../../server/http/api.ts';
import { canonicalPath } from '../../server/http/mounts.ts';
import type { Route } from '../../server/http/route.ts';
import { newId, typeId } from '../../server/ids.ts';
import type { IdPrefix } from '../../server/ids.ts';
import { PERMISSIONS } from '../../services/permissions.ts';
import { useApp } from '../support/app.ts';
import type { TestAnswer } from '../support/app.ts';
import { useDatabase } from '../support/database.ts';
import { createApiKey, createOrganization } from '../support/factories.ts';
import type { TestOrganization } from '../support/factories.ts';
import { secondFactor } from '../support/factors.ts';
import { signIn, signInMember } from '../support/people.ts';

const AT_ONCE = 8;
const soon = new Date(Date.now() + 3_600_000);
const past = new Date(Date.now() - 1_000);

/** Columns that put a key with every permission into a state, and what each route answers it. */
const REFUSED: Record<string, [columns: Record<string, unknown>, status: number, code: string]> = {
  revoked: [{ revoked_at: past }, 401, 'api_key_revoked'],
  disabled: [{ disabled_at: past }, 401, 'api_key_disabled'],
  retired: [{ retires_at: past }, 401, 'api_key_retired'],
  expired: [{ expires_at: past }, 401, 'api_key_expired'],
  'too old for the policy': [{ created_at: new Date(Date.now() - 367 * 86_400_000) }, 403, 'api_key_policy_violation'],
  'used from a blocked address': [{ allowed_ips: ['192.0.2.0/24', '2001:db8::/32'] }, 403, 'ip_not_allowed'],
};
const LET_IN: Record<string, Record<string, unknown>> = {
  'of the organization': {},
  'in its grace': { retires_at: soon },
  'used from an allowed address': { allowed_ips: ['127.0.0.0/8', '::1/128'] },
};

const isForPeople = ({ signedIn, permission }: Route): boolean => signedIn === true && permission === undefined;
const guarded = api.filter((route) => !route.public);

/** A path that names nothing that exists, so that no request of the sweep changes anything. */
function nowhere({ path, params }: Route): string {
  const prefixes = JSON.stringify(params?.toJSONSchema({ io: 'input', unrepresentable: 'any' }) ?? {});
  return path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const prefix = new RegExp(`"${name}":\\{[^}]*?"x-id-prefix":"(\\w+)"`).exec(prefixes)?.[1];
    if (prefix !== undefined) return typeId(prefix as IdPrefix, newId());
    return name === 'tenant_id' || name === 'organization_id' ? typeId('org', newId()) : 'not.there';
  });
}

describe('every route of the list with every kind of credential', () => {
  const database = useDatabase();
  const app = useApp(database);
  let own: TestOrganization;
  before(async () => {
    own = await createOrganization(database);
  });

  const keyWith = async (
    columns: Record<string, unknown>,
    scopes: readonly (typeof PERMISSIONS)[number][] = PERMISSIONS,
  ): Promise<string> => {
    const { id, key } = await createApiKey(database, own, { scopes });
    if (Object.keys(columns).length > 0) await database.system('api_keys').where({ id }).update(columns);
    return key;
  };
  const signInOwner = async (): Promise<string> =>
    (await signIn(database, { userId: own.ownerUserId, email: 'owner@example.com' }, own, secondFactor())).accessToken;
  /** A body that no operation takes: what a credential may not do is refused before, what it may do fails after. */
  const ask = (route: Route, key: string): Promise<TestAnswer> =>
    app.request(route.method, canonicalPath(route).replace(route.path, nowhere(route)), {
      key,
      ...(route.body && { body: { no_such_field: 1 } }),
    });
  /** Operations whose answer is not as expected. */
  const sweep = async (
    credential: (route: Route) => Promise<string> | string,
    isExpected: (answer: TestAnswer, route: Route) => boolean,
    atOnce = AT_ONCE,
  ): Promise<unknown[]> => {
    const odd: unknown[] = [];
    const rest = guarded.values();
    const work = async (): Promise<void> => {
      for (const route of rest) {
        const answer = await ask(route, await credential(route));
        if (!isExpected(answer, route)) odd.push([route.operationId, answer.status, answer.json?.code]);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return odd;
  };
  const passes = ({ status }: TestAnswer): boolean => status < 500 && status !== 401 && status !== 403;
  /** Routes for people alone refuse every key; all others let it in. */
  const passesAsKey = (answer: TestAnswer, route: Route): boolean =>
    isForPeople(route) ? ['permission_denied', 'not_found'].includes(answer.json?.code) : passes(answer);

  it('there is much to sweep', () => expect(guarded.length).to.be.greaterThan(40));

  for (const [state, [columns, status, code]] of Object.entries(REFUSED)) {
    it(`${status} ${code}: a key that is ${state}`, async () => {
      const key = await keyWith(columns);
      expect(
        await sweep(
          () => key,
          (answer) => answer.status === status && answer.json.code === code,
        ),
      ).to.deep.equal([]);
    });
  }

  it('401 api_key_owner_inactive: the key of a person who is no member any more', async () => {
    const { ownerUserId } = await createOrganization(database);
    const key = await keyWith({ owner_type: 'user', owner_user_id: ownerUserId });
    expect(
      await sweep(
        () => key,
        (answer) => answer.json?.code === 'api_key_owner_inactive',
      ),
    ).to.deep.equal([]);
  });

  it('403 permission_denied: a key with the scope of no operation', async () => {
    const key = await keyWith({}, []);
    const isRefused = (answer: TestAnswer, route: Route): boolean =>
      route.permission === undefined && !route.signedIn ? passes(answer) : answer.status === 403 || answer.json?.code === 'not_found';
    expect(await sweep(() => key, isRefused)).to.deep.equal([]);
  });

  for (const [state, columns] of Object.entries(LET_IN)) {
    it(`lets in a key ${state}`, async () => {
      const key = await keyWith(columns);
      expect(await sweep(() => key, passesAsKey)).to.deep.equal([]);
    });
  }

  it('lets in the key of a person who may do it', async () => {
    const key = await keyWith({ owner_type: 'user', owner_user_id: own.ownerUserId });
    expect(await sweep(() => key, passesAsKey)).to.deep.equal([]);
  });

  it('lets in the session of a person who may do it', async () => {
    const { accessToken } = await signInMember(database, own, ['owner']);
    // For what people do about themselves another person, and a new session for each, because it may end them all.
    const sessionFor = (route: Route) => (isForPeople(route) ? signInOwner() : accessToken);
    expect(await sweep(sessionFor, passes, 2)).to.deep.equal([]);
  });
});
