import { AppError } from '../errors/AppError.ts';
import type { MfaSettings } from '../organizations/settings.ts';
import { STEP_UP_PATH } from './freshness.ts';

/** Where factors are set up. */
export const ENROLL_PATH = '/api/v1/auth/mfa';

/** The refusal of a session that did not use what its organization asks for, with the way out of it. */
export const mfaRequired = ({ phishingResistantOnly }: Pick<MfaSettings, 'phishingResistantOnly'>): AppError =>
  new AppError('mfa_required', {
    detail: `The organization asks for ${phishingResistantOnly ? 'a passkey or security key' : 'a second factor'} in this session: prove one at ${STEP_UP_PATH}, or set one up at ${ENROLL_PATH} first.`,
    extensions: {
      step_up: STEP_UP_PATH,
      enroll: ENROLL_PATH,
      accepts: phishingResistantOnly ? ['webauthn'] : ['totp', 'webauthn', 'recovery_code'],
    },
  });
