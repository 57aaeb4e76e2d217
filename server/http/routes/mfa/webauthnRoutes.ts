import { AppError } from '../../../../services/errors/AppError.ts';
import { enrollCredential } from '../../../../services/mfa/enroll.ts';
import { findCredential } from '../../../../services/mfa/factors.ts';
import { assertFreshPerson } from '../../../../services/mfa/freshness.ts';
import { bindingOf } from '../../../../services/mfa/prove.ts';
import { removeCredential } from '../../../../services/mfa/removeFactor.ts';
import { reportChange } from '../../../../services/mfa/reportChange.ts';
import { registrationOptions } from '../../../../services/mfa/webauthn/register.ts';
import { NoContent, idParams } from '../../params.ts';
import { route } from '../../route.ts';
import { FACTOR_ADDED_EXAMPLE, REGISTRATION_EXAMPLE, REGISTRATION_OPTIONS_EXAMPLE, WEBAUTHN_EXAMPLE } from './examples.ts';
import { factorDeps } from './factorDeps.ts';
import { presentCredential, presentSteppedUp } from './present.ts';
import { FactorAdded } from './schemas.ts';
import { RegistrationOptions, WebauthnOut, WebauthnRegistration } from './webauthnSchemas.ts';

export const webauthnRoutes = [
  route({
    method: 'POST',
    path: '/auth/mfa/webauthn/register/options',
    operationId: 'mfa.webauthn_register_options',
    signedIn: true,
    summary: 'Begin to register a passkey or security key',
    description:
      'What `navigator.credentials.create()` takes, by way of `PublicKeyCredential.parseCreationOptionsFromJSON()`. The challenge is good for one answer of this session, within five minutes. Needs a proof of the last ten minutes, as `…/totp` does.',
    responses: { 200: RegistrationOptions },
    errors: ['step_up_required', 'conflict'],
    examples: { responses: { 200: REGISTRATION_OPTIONS_EXAMPLE } },
    async handler({ session, inUser, deps }) {
      const { relyingParty } = factorDeps(deps);
      const options = await inUser(async (_trx, person) => {
        await assertFreshPerson(person, session);
        return registrationOptions(person, relyingParty, { email: session.email, boundTo: bindingOf({ session }) });
      });
      return { status: 200, body: options };
    },
  }),
  route({
    method: 'POST',
    path: '/auth/mfa/webauthn/register',
    operationId: 'mfa.register_webauthn',
    signedIn: true,
    summary: 'Register a passkey or security key',
    description:
      'Keeps what `navigator.credentials.create()` returned. This session has used a second factor from then on, and the first factor comes with ten recovery codes, which are shown here and never again.',
    body: WebauthnRegistration,
    responses: { 201: FactorAdded.extend({ credential: WebauthnOut }).meta({ id: 'WebauthnAdded' }) },
    errors: ['step_up_required', 'second_factor_refused', 'conflict'],
    examples: { body: REGISTRATION_EXAMPLE, responses: { 201: { ...FACTOR_ADDED_EXAMPLE, credential: WEBAUTHN_EXAMPLE } } },
    async handler({ session, body, inUser, deps }) {
      const enrolled = await inUser(async (_trx, person) => {
        await assertFreshPerson(person, session);
        const input = { name: body.name, response: body.credential, boundTo: bindingOf({ session }) };
        return enrollCredential(person, factorDeps(deps), { ...input, owner: session, action: 'mfa.register_webauthn' });
      });
      if (enrolled instanceof AppError) throw enrolled;
      deps.mail.wake(enrolled.mail);
      const { stepped, recoveryCodes, credential } = enrolled;
      const added = {
        ...(await presentSteppedUp(deps, stepped)),
        recovery_codes: recoveryCodes,
        credential: presentCredential(credential),
      };
      return { status: 201, body: added };
    },
  }),
  route({
    method: 'GET',
    path: '/auth/mfa/webauthn/{id}',
    operationId: 'mfa.get_webauthn',
    signedIn: true,
    summary: 'Get a passkey or security key',
    description: 'One of your own: its name and when it was last used. No answer has its public key.',
    params: idParams('wac'),
    responses: { 200: WebauthnOut },
    examples: { responses: { 200: WEBAUTHN_EXAMPLE } },
    async handler({ params, inUser }) {
      return { status: 200, body: presentCredential(await inUser((_trx, person) => findCredential(person, params.id))) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/auth/mfa/webauthn/{id}',
    operationId: 'mfa.remove_webauthn',
    signedIn: true,
    summary: 'Remove a passkey or security key',
    description:
      'Refused while it is the last factor that an organization of the person asks for. With the last factor the recovery codes end too.',
    params: idParams('wac'),
    responses: { 204: NoContent },
    errors: ['step_up_required', 'factor_required'],
    async handler({ params, session, inUser, deps }) {
      const mail = await inUser(async (_trx, person) => {
        await assertFreshPerson(person, session);
        await removeCredential(person, session.id, params.id);
        return reportChange(person, session, 'mfa.remove_webauthn', 'credential_removed');
      });
      deps.mail.wake(mail);
      return { status: 204 };
    },
  }),
];
