import { z } from 'zod';
import { atLeast } from '../../../../services/auth/atLeast.ts';
import { logOut } from '../../../../services/auth/endSession.ts';
import { login } from '../../../../services/auth/login.ts';
import { openPendingLogin } from '../../../../services/auth/pendingLogin.ts';
import type { Origin } from '../../../../services/auth/personContext.ts';
import { runAsPerson } from '../../../../services/auth/runAsPerson.ts';
import type { StartedSession } from '../../../../services/auth/startSession.ts';
import { AppError } from '../../../../services/errors/AppError.ts';
import { acceptInvitation } from '../../../../services/invitations/accept.ts';
import { limitPreviews } from '../../../../services/invitations/limit.ts';
import { previewInvitation } from '../../../../services/invitations/preview.ts';
import { dateText } from '../../../../services/mail/template.ts';
import { proveOnce } from '../../../../services/mfa/proveOnce.ts';
import type { Deps } from '../../../deps.ts';
import { emailField, passwordField } from '../../routes/auth/fields.ts';
import { authLinks } from '../../routes/auth/links.ts';
import { factorDeps } from '../../routes/mfa/factorDeps.ts';
import { code } from '../../routes/mfa/schemas.ts';
import { EMAIL, PASSWORD } from './forms.ts';
import { submitted } from './pageForm.ts';
import type { PageForm } from './pageForm.ts';

const Credentials = z.strictObject({ email: emailField(), password: passwordField(), code: code().optional() });

/** The page of one invitation: says what it offers, and accepts it for who signs in there, for that moment only. Throws not_found, rate_limited. */
export async function invitationForm(deps: Deps, origin: Origin, token: string): Promise<PageForm> {
  await limitPreviews(deps.rateLimiter, origin.ip);
  const { organizationName, inviterName, email, expiresAt } = await previewInvitation(deps, token);
  return {
    title: `Join ${organizationName}`,
    intro: `${inviterName ?? 'An administrator'} invites ${email} to ${organizationName}, until ${dateText(expiresAt)}. Accept with the account of that address.`,
    fields: [
      EMAIL,
      PASSWORD,
      {
        name: 'code',
        label: 'Code',
        type: 'text',
        autocomplete: 'one-time-code',
        hint: 'Of your authenticator app, or a recovery code. Leave it empty if you have no second factor.',
        required: false,
      },
    ],
    action: 'Accept the invitation',
    links: [
      ['/auth/register', 'No account yet? Sign up, confirm the address, and follow the link of the invitation again.'],
      ['/auth/password/forgot', 'Forgot the password?'],
    ],
    submit: submitted(Credentials, (_deps, _origin, credentials) => accept(deps, origin, { token, ...credentials })),
  };
}

/** Signs in, joins, and signs out again, whatever came of it: the page keeps no session. */
async function accept(
  deps: Deps,
  origin: Origin,
  { token, ...credentials }: { token: string } & z.output<typeof Credentials>,
): Promise<string> {
  const started = await signIn(deps, origin, credentials);
  const session = await deps.auth.sessions.authenticate(started.accessToken);
  try {
    const { organizationName } = await acceptInvitation(deps, token, { session, origin });
    return `You are a member of ${organizationName} now.`;
  } finally {
    await runAsPerson(deps, { userId: session.userId, origin }, (person) => logOut(person, session));
  }
}

async function signIn(deps: Deps, origin: Origin, { email, password, code: given }: z.output<typeof Credentials>): Promise<StartedSession> {
  const forgotLink = authLinks(deps.config).forgot;
  const result = await atLeast(deps.auth.answerFloorMs, () => login({ ...deps, forgotLink }, origin, { email, password }));
  if (result.status === 'signed_in') return result.session;
  if (given === undefined) throw codeMissing();
  const claimant = { pending: openPendingLogin(deps, result.mfaToken), token: result.mfaToken };
  const method = /^[0-9]{6}$/.test(given) ? ('totp' as const) : ('recovery_code' as const);
  const attempt = { claimant, claim: { method, code: given }, action: 'mfa.verify' };
  const proven = await proveOnce({ ...deps, factors: factorDeps(deps), forgotLink }, origin, attempt);
  deps.mail.wake(...proven.mails);
  if (!('started' in proven)) throw new TypeError('A sign-in that waited was stepped up');
  return proven.started;
}

/** Not a refused code: nobody guessed one. */
const codeMissing = (): AppError =>
  new AppError('validation_failed', {
    fields: [{ location: 'body.code', message: 'is required: this account has a second factor, give a code too' }],
  });
