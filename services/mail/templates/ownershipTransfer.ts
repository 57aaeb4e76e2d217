import { code, dateText, facts, named, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

export interface OwnershipTransferMail {
  organization: string;
  /** As the API knows it. */
  organizationId: string;
  /** Who offers it. */
  from: string;
  expiresAt: Date;
}

/** To the member whom an owner offers the ownership of the organization. */
export const ownershipTransferMail: MailTemplate<OwnershipTransferMail> = {
  name: 'ownership_transfer',
  write: ({ organization, organizationId, from, expiresAt }) => ({
    subject: `You are offered the ownership of ${named(organization)}`,
    body: [
      paragraph(
        `${named(from)} wants to hand the ownership of the organization ${named(organization)} to you. Nothing changes until you accept.`,
      ),
      facts(['Accept until', dateText(expiresAt)]),
      paragraph('To accept it, send this with your access token:'),
      code(`POST /api/v1/organizations/${organizationId}/transfer-ownership/accept`),
      paragraph('If you do not want it, do nothing.'),
    ],
  }),
  example: {
    organization: 'Acme GmbH',
    organizationId: 'org_01k0501z00e00800000000000h',
    from: 'Ada Lovelace',
    expiresAt: new Date('2026-11-27T08:00:00Z'),
  },
};
