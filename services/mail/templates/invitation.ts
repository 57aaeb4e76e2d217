import { dateText, facts, link, named, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

/** What somebody reads who is asked to join an organization. `inviter` is null when an API key invited. */
export interface InvitationMail {
  organization: string;
  inviter: string | null;
  /** As people read them: "Admin", "Editors in Berlin". */
  roles: readonly string[];
  /** Holds the token. */
  url: string;
  expiresAt: Date;
}

export const invitationMail: MailTemplate<InvitationMail> = {
  name: 'invitation',
  example: {
    organization: 'Acme',
    inviter: 'Ada Lovelace',
    roles: ['member'],
    url: 'https://app.example/invitations/ivt_example',
    expiresAt: new Date('2026-11-28T09:00:00Z'),
  },
  write: ({ organization, inviter, roles, url, expiresAt }) => ({
    subject: `You are invited to ${named(organization)}`,
    body: [
      paragraph(`${inviter === null ? 'Somebody' : named(inviter)} invites you to join ${named(organization)}.`),
      facts(['Your role', roles.map(named).join(', ')], ['Valid until', dateText(expiresAt)]),
      link('Accept the invitation', url),
      paragraph(
        'Sign in, or sign up, with the address this mail was sent to. Who did not expect this can ignore it: nothing happens then.',
      ),
    ],
  }),
};
