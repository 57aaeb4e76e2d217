import { Password } from '../../db/models/Password.ts';
import { User } from '../../db/models/User.ts';
import { findPerson } from '../../db/queries/findPerson.ts';
import { newId, typeId } from '../../server/ids.ts';
import { AppError } from '../errors/AppError.ts';
import { factorsOf, hasFactor } from '../mfa/factors.ts';
import type { Factors } from '../mfa/factors.ts';
import { auditPerson } from './auditPerson.ts';
import type { AuthDeps } from './authDeps.ts';
import { chooseOrganization } from './chooseOrganization.ts';
import { guardedByAddress } from './guardedByAddress.ts';
import { PENDING_LOGIN_SECONDS, sealPendingLogin } from './pendingLogin.ts';
import type { Origin, PersonContext } from './personContext.ts';
import { runAsPerson } from './runAsPerson.ts';
import { startSession } from './startSession.ts';
import type { StartedSession } from './startSession.ts';
import { tellLocked } from './tellLocked.ts';
import type { GuardedDeps } from './tellLocked.ts';

export interface Credentials {
  /** Normalized. */
  email: string;
  password: string;
  /** The organization to enter (uuid); absent: the only one that the person is in. */
  orgId?: string | undefined;
}

export type LoginResult =
  | { status: 'signed_in'; session: StartedSession }
  | { status: 'mfa_required'; mfaToken: string; expiresAt: Date; factors: Factors };

/**
 * Signs in by e-mail and password. What is answered to a wrong password, an unknown address, and an account that cannot be used yet is the same,
 * and takes as long: the same statements, and one hash. Throws invalid_credentials, too_many_attempts, not_found (orgId).
 */
export async function login(deps: GuardedDeps, origin: Origin, credentials: Credentials): Promise<LoginResult> {
  const { auth, knex } = deps;
  const { email, password } = credentials;
  return guardedByAddress(auth.throttle, origin, async () => {
    const { begins } = await auth.throttle.take('password', email);
    const known = await findPerson(knex, email);
    const userId = known?.userId ?? newId();
    const stored = await runAsPerson(deps, { userId, origin }, async ({ trx }) => await Password.query(trx).findById(userId));
    const matches = await auth.hasher.verify(stored?.hash ?? null, password);
    if (!stored || !matches || !known?.emailVerifiedAt) {
      if (known) await runAsPerson(deps, { userId, origin }, (person) => reportFailure(person, email));
      if (known?.emailVerifiedAt && begins) await tellLocked(deps, { userId, origin }, 'password');
      throw new AppError('invalid_credentials');
    }
    await auth.throttle.reset('password', email);
    const rehashed = auth.hasher.isOutdated(stored.hash) ? await auth.hasher.hash(password) : null;
    return runAsPerson(deps, { userId, origin }, (person) => admit(person, deps, { stored, rehashed, orgId: credentials.orgId }));
  });
}

interface Admission {
  stored: Password;
  rehashed: string | null;
  orgId: string | undefined;
}

async function admit(person: PersonContext, { auth }: AuthDeps, { stored, rehashed, orgId }: Admission): Promise<LoginResult> {
  const { trx, userId, vault, clock } = person;
  const current = await Password.query(trx).findById(userId).forUpdate();
  if (current?.hash !== stored.hash) throw new AppError('invalid_credentials');
  if (rehashed !== null) await Password.query(trx).findById(userId).patch({ hash: rehashed });
  const authTime = clock.now();
  const factors = await factorsOf(person);
  if (!hasFactor(factors)) {
    const session = await startSession(person, auth.tokens, { proof: { amr: ['pwd'], authTime, mfaAt: null }, orgId });
    return { status: 'signed_in', session };
  }
  if (orgId !== undefined) await chooseOrganization(trx, userId, orgId);
  const { changedAt: passwordChangedAt } = current;
  const mfaToken = sealPendingLogin(vault, { userId, amr: ['pwd'], authTime, passwordChangedAt, orgId: orgId ?? null });
  return { status: 'mfa_required', mfaToken, expiresAt: new Date(authTime.getTime() + PENDING_LOGIN_SECONDS * 1_000), factors };
}

async function reportFailure(person: PersonContext, email: string): Promise<void> {
  const user = await User.query(person.trx).findById(person.userId);
  await auditPerson(
    person,
    { email, name: user?.name ?? null, session: null },
    {
      action: 'auth.login',
      category: 'authentication',
      severity: 'warning',
      outcome: 'failure',
      reason: 'wrong password, or no usable account',
      targets: [{ type: 'user', id: typeId('usr', person.userId) }],
    },
  );
}
