import { code } from './errorCode.ts';

/** Of second factors (ADR 0065). */
export const MFA_CODES = {
  invalid_mfa_token: code(
    401,
    'The sign-in cannot be completed with this token',
    'An `mfa_token` lives for five minutes, and ends when the password is changed. Begin again with `POST /auth/login`.',
  ),
  mfa_required: code(
    403,
    'The organization asks for a second factor',
    'Its policy asks for a second factor that was used in this session. `step_up` names where to prove one, `enroll` where to set one up, `accepts` what will do.',
  ),
  step_up_required: code(
    403,
    'A fresh proof is needed',
    'This changes what later sign-ins rest on: prove who you are at `step_up` first. The proof counts for `max_age_seconds`.',
  ),
  second_factor_refused: code(
    403,
    'The second factor was not accepted',
    'The code is wrong, was used already or is too old, or the authenticator answered for another site or challenge. Failures count, whichever factor it is: after five the next ones wait.',
  ),
  factor_required: code(
    409,
    'An organization asks for this factor',
    'It is the last one that satisfies the policy of the organizations in `organization_ids`. Add another one before removing it.',
  ),
} as const;
