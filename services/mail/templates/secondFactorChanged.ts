import { dateText, facts, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

const WHAT = {
  totp_added: 'An authenticator app was added to your account.',
  totp_removed: 'The authenticator app was removed from your account.',
  credential_added: 'A passkey or security key was added to your account.',
  credential_removed: 'A passkey or security key was removed from your account.',
  recovery_codes_replaced: 'New recovery codes were made for your account. The earlier ones do not work any more.',
  recovery_code_used: 'A recovery code of your account was used. It does not work any more.',
  reset:
    'An administrator of your organization removed all second factors of your account. You were signed out everywhere: sign in with your password and set up new ones.',
} as const;

export type FactorChange = keyof typeof WHAT;

interface Data {
  change: FactorChange;
  at: Date;
  /** From where it was done. */
  ip: string | null;
}

/** Tells a person that what protects their account changed: whoever did it, they should know. */
export const secondFactorChanged: MailTemplate<Data> = {
  name: 'second_factor_changed',
  write: ({ change, at, ip }) => ({
    subject: 'The second factors of your account changed',
    body: [
      paragraph(WHAT[change]),
      facts(['When', dateText(at)], ...(ip === null ? [] : [['From', ip] as const])),
      paragraph('If that was not you, change your password now, end all sessions, and tell the administrator of your organization.'),
    ],
  }),
  example: { change: 'totp_added', at: new Date('2026-11-21T12:00:00Z'), ip: '203.0.113.7' },
};
