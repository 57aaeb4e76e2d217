import { findPerson } from '../../db/queries/findPerson.ts';
import { newId, typeId } from '../../server/ids.ts';
import { enqueueMail } from '../mail/enqueueMail.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import { accountExistsMail } from '../mail/templates/accountExists.ts';
import { verifyEmailMail } from '../mail/templates/verifyEmail.ts';
import { auditPerson } from './auditPerson.ts';
import type { AuthDeps } from './authDeps.ts';
import { clientNetwork } from './clientNetwork.ts';
import { assertPassword } from './passwords/policy.ts';
import type { Origin, PersonContext } from './personContext.ts';
import { issuePersonToken } from './personTokens.ts';
import { runAsPerson } from './runAsPerson.ts';

export interface Registration {
  /** Normalized. */
  email: string;
  password: string;
  name: string | null;
}

interface Links {
  verify: (token: string) => string;
  signIn: string;
  forgot: string;
}

/**
 * Sends a mail to the address: with a link that makes the account usable, or, when there is a verified one, with the news that there is.
 * The password waits with the link. Who asks learns neither. Returns the mail to wake after the commit, or none.
 * Throws password_refused, too_many_attempts.
 */
export async function register(
  deps: AuthDeps & { links: Links },
  origin: Origin,
  registration: Registration,
): Promise<PromisedMail | null> {
  const { auth, knex } = deps;
  await auth.throttle.take('requests', clientNetwork(origin.ip));
  await assertPassword({ ...registration, location: 'body.password' }, auth.breaches);
  const passwordHash = await auth.hasher.hash(registration.password);
  if (!(await auth.throttle.allows('mailbox', registration.email))) return null;
  const known = await findPerson(knex, registration.email);
  const userId = known?.userId ?? newId(deps.clock);
  return runAsPerson(deps, { userId, origin }, async (person) => {
    if (known) await reportAttempt(person, registration);
    if (known?.emailVerifiedAt) return tellOfAccount(person, registration.email, deps.links);
    if (!known && !(await insertUser(person, registration.email))) return null;
    return askForProof(person, { ...registration, passwordHash }, deps.links);
  });
}

const reportAttempt = (person: PersonContext, { email }: Registration): Promise<void> =>
  auditPerson(
    person,
    { email, name: null, session: null },
    { action: 'auth.register', category: 'authentication', targets: [{ type: 'user', id: typeId('usr', person.userId) }] },
  );

/** False: somebody else signed up with the address at this very moment, and gets the mail. */
async function insertUser({ trx, userId, clock }: PersonContext, email: string): Promise<boolean> {
  const inserted = await trx('users').insert({ id: userId, email, created_at: clock.now() }).onConflict('email').ignore().returning('id');
  return inserted.length === 1;
}

const tellOfAccount = ({ trx, userId, vault, clock }: PersonContext, to: string, { signIn, forgot }: Links): Promise<PromisedMail> =>
  enqueueMail(
    { trx, vault, clock },
    { to, template: accountExistsMail, data: { signInUrl: signIn, resetUrl: forgot }, orgId: null, userId },
  );

async function askForProof(
  person: PersonContext,
  { email, name, passwordHash }: { email: string; name: string | null; passwordHash: string },
  { verify }: Links,
): Promise<PromisedMail> {
  const { text, expiresAt } = await issuePersonToken(person, { purpose: 'verify_email', email, name, passwordHash });
  const data = { token: text, url: verify(text), expiresAt };
  return enqueueMail(person, { to: email, template: verifyEmailMail, data, orgId: null, userId: person.userId, usefulUntil: expiresAt });
}
