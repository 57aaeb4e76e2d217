import { enrollTotp } from '../../../../services/mfa/enroll.ts';
import { assertFreshPerson } from '../../../../services/mfa/freshness.ts';
import { removeTotp } from '../../../../services/mfa/removeFactor.ts';
import { reportChange } from '../../../../services/mfa/reportChange.ts';
import { startTotp } from '../../../../services/mfa/startTotp.ts';
import { NoContent } from '../../params.ts';
import { route } from '../../route.ts';
import { factorDeps } from './factorDeps.ts';
import { FACTOR_ADDED_EXAMPLE, TOTP_STARTED_EXAMPLE } from './examples.ts';
import { presentSteppedUp } from './present.ts';
import { CodeIn, FactorAdded, TotpStarted } from './schemas.ts';

export const totpRoutes = [
  route({
    method: 'POST',
    path: '/auth/mfa/totp',
    operationId: 'mfa.start_totp',
    signedIn: true,
    summary: 'Set up an authenticator app',
    description:
      'Makes a new secret, which is in this answer and nowhere else. It proves nothing until its first code is sent to `…/totp/confirm`, within ten minutes; until then an app that is in use goes on. Needs a proof of the last ten minutes: of a second factor when there is one, else of the password.',
    responses: { 201: TotpStarted },
    errors: ['step_up_required'],
    examples: { responses: { 201: TOTP_STARTED_EXAMPLE } },
    async handler({ session, inUser }) {
      const started = await inUser(async (_trx, person) => {
        await assertFreshPerson(person, session);
        return startTotp(person, session.email);
      });
      return { status: 201, body: { secret: started.secret, otpauth_uri: started.uri, expires_at: started.expiresAt.toISOString() } };
    },
  }),
  route({
    method: 'POST',
    path: '/auth/mfa/totp/confirm',
    operationId: 'mfa.confirm_totp',
    signedIn: true,
    summary: 'Confirm an authenticator app',
    description:
      'Takes the app into use when its code is right; an earlier one ends with that. This session has used a second factor from then on, and the first factor comes with ten recovery codes, which are shown here and never again.',
    body: CodeIn,
    responses: { 200: FactorAdded },
    errors: ['step_up_required', 'second_factor_refused', 'conflict'],
    examples: { body: { code: '287082' }, responses: { 200: FACTOR_ADDED_EXAMPLE } },
    async handler({ session, body, inUser, deps }) {
      const { stepped, recoveryCodes, mail } = await inUser(async (_trx, person) => {
        await assertFreshPerson(person, session);
        return enrollTotp(person, factorDeps(deps), { owner: session, code: body.code, action: 'mfa.confirm_totp' });
      });
      deps.mail.wake(mail);
      return { status: 200, body: { ...(await presentSteppedUp(deps, stepped)), recovery_codes: recoveryCodes } };
    },
  }),
  route({
    method: 'DELETE',
    path: '/auth/mfa/totp',
    operationId: 'mfa.remove_totp',
    signedIn: true,
    summary: 'Remove the authenticator app',
    description:
      'Refused while it is the last factor that an organization of the person asks for. With the last factor the recovery codes end too.',
    responses: { 204: NoContent },
    errors: ['step_up_required', 'not_found', 'factor_required'],
    async handler({ session, inUser, deps }) {
      const mail = await inUser(async (_trx, person) => {
        await assertFreshPerson(person, session);
        await removeTotp(person, session.id);
        return reportChange(person, session, 'mfa.remove_totp', 'totp_removed');
      });
      deps.mail.wake(mail);
      return { status: 204 };
    },
  }),
];
