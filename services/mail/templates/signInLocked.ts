import { dateText, facts, link, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

const WHAT = {
  password: 'Somebody gave a wrong password for your account several times in a row. None of these attempts succeeded.',
  second_factor:
    'Somebody who knows your password, or uses a session of yours, gave a wrong second factor several times in a row. None of these attempts succeeded.',
} as const;

export type LockedProof = keyof typeof WHAT;

/** What somebody reads when attempts to get into their account begin to be slowed down. */
export interface SignInLockedMail {
  proof: LockedProof;
  at: Date;
  ip: string | null;
  resetUrl: string;
}

export const signInLockedMail: MailTemplate<SignInLockedMail> = {
  name: 'sign_in_locked',
  example: {
    proof: 'second_factor',
    at: new Date('2026-11-21T09:00:00Z'),
    ip: '192.0.2.1',
    resetUrl: 'https://app.example/forgot-password',
  },
  write: ({ proof, at, ip, resetUrl }) => ({
    subject: 'Failed attempts to sign in to your account',
    body: [
      paragraph(WHAT[proof]),
      facts(['When', dateText(at)], ['From', ip ?? 'an unknown address']),
      paragraph('Further attempts have to wait, at first for half a minute, then longer, up to an hour; so do yours. Sessions go on.'),
      paragraph(
        proof === 'password'
          ? 'If it was you and you forgot the password, choose a new one: that ends the wait.'
          : 'If that was not you, choose a new password at once: it ends every session.',
      ),
      link('Reset the password', resetUrl),
    ],
  }),
};
