import { randomUUID } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { systemClock } from '../../server/clock.ts';
import type { Deps } from '../../server/deps.ts';
import { newId } from '../../server/ids.ts';
import { insertMember } from '../../services/access/insertMember.ts';
import type { RoleGrant } from '../../services/access/insertMember.ts';
import type { BuiltInRole } from '../../services/access/builtInRoles.ts';
import { createSubjectKeys } from '../../services/audit/subjectKeys.ts';
import { createAccessTokens, issuerOf } from '../../services/auth/accessTokens.ts';
import { issueSession } from '../../services/auth/issueSession.ts';
import type { Proof } from '../../services/auth/issueSession.ts';
import { runAsPerson } from '../../services/auth/runAsPerson.ts';
import { createKeyRing } from '../../services/auth/signingKeys/keyRing.ts';
import { createVault } from '../../services/crypto/vault.ts';
import { runForUser } from '../../services/runForUser.ts';
import { runInTenant } from '../../services/runInTenant.ts';
import type { TestDatabase } from './database.ts';
import type { TestOrganization } from './factories.ts';
import { TEST_SECRETS } from './testConfig.ts';

/** `userId` is a database uuid. */
export interface TestPerson {
  userId: string;
  email: string;
}

/** A session with its tokens; ids are database uuids. */
export interface TestSession extends TestPerson {
  sessionId: string;
  accessToken: string;
  refreshToken: string;
}

/** For useApp: answers as soon as there is one, where it is not the time that is tested. */
export const withoutFloor = ({ auth }: Deps): Partial<Deps> => ({ auth: { ...auth, answerFloorMs: 0 } });

const NOWHERE = { ip: null, userAgent: null, requestId: null };

/** Somebody, with an address of their own in each call. They have no password: `signIn` needs none. */
export async function createPerson(
  database: TestDatabase,
  {
    email = `person-${randomUUID()}@example.com`,
    verified = true,
    name = null,
  }: { email?: string; verified?: boolean; name?: string | null } = {},
): Promise<TestPerson> {
  const userId = newId();
  await runForUser(database.app, userId, async (trx) => {
    await trx('users').insert({ id: userId, email, name, email_verified_at: verified ? new Date() : null });
  });
  return { userId, email };
}

/** Lets the person sign in with a password. `parameters`: of a hash that was made years ago. */
export async function givePassword(
  database: TestDatabase,
  { userId }: { userId: string },
  password: string,
  parameters: { memoryCost?: number; timeCost?: number } = { memoryCost: 19_456, timeCost: 2 },
): Promise<void> {
  const phc = await hash(password, { ...parameters, parallelism: 1 });
  await runForUser(database.app, userId, async (trx) => {
    await trx('passwords').insert({ user_id: userId, hash: phc, changed_at: new Date() }).onConflict('user_id').merge();
  });
}

/** Makes the person a member with these roles; returns the membership's uuid. */
export function joinOrganization(
  database: TestDatabase,
  { actor }: TestOrganization,
  { userId }: { userId: string },
  roles: readonly (BuiltInRole | RoleGrant)[] = ['member'],
): Promise<string> {
  const grants = roles.map((role) => (typeof role === 'string' ? { role } : role));
  return runInTenant(services(database), actor, (tenant) => insertMember(tenant, { userId, roles: grants, source: 'manual' }));
}

/** A real session with real signed tokens, in `organization` when one is given; `proof` says what was proven, by default a password just now. */
export async function signIn(
  database: TestDatabase,
  person: TestPerson,
  organization?: { orgId: string } | null,
  proof: Partial<Proof> = {},
): Promise<TestSession> {
  const deps = services(database);
  const tokens = createAccessTokens({ keyRing: createKeyRing(deps), clock: deps.clock, issuer: issuerOf(undefined) });
  const proven: Proof = { amr: ['pwd'], authTime: systemClock.now(), mfaAt: null, ...proof };
  const issued = await runAsPerson(deps, { userId: person.userId, origin: NOWHERE }, (context) =>
    issueSession(context, tokens, { proof: proven, orgId: organization?.orgId }),
  );
  return { ...person, sessionId: issued.sessionId, accessToken: issued.accessToken, refreshToken: issued.refreshToken };
}

/** A new person with these roles in the organization, signed in there. */
export async function signInMember(
  database: TestDatabase,
  organization: TestOrganization,
  roles: readonly (BuiltInRole | RoleGrant)[] = ['member'],
): Promise<TestSession> {
  const person = await createPerson(database);
  await joinOrganization(database, organization, person, roles);
  return signIn(database, person, organization);
}

function services(database: TestDatabase) {
  const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
  return { knex: database.app, clock: systemClock, vault, subjectKeys: createSubjectKeys(vault) };
}
