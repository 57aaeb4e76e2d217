import { code, dateText, facts, named, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

export interface OrganizationDeletionMail {
  organization: string;
  /** As the API knows it. */
  organizationId: string;
  /** When its data is erased. */
  dueAt: Date;
  /** null: it was asked for just now. */
  daysLeft: number | null;
}

/** To every owner of an organization that is going to be erased: at once, and twice before the end. */
export const organizationDeletionMail: MailTemplate<OrganizationDeletionMail> = {
  name: 'organization_deletion',
  write: ({ organization, organizationId, dueAt, daysLeft }) => ({
    subject:
      daysLeft === null
        ? `${named(organization)} was deleted`
        : `${named(organization)} is erased in ${daysLeft === 1 ? 'one day' : `${daysLeft} days`}`,
    body: [
      paragraph(`An owner deleted the organization ${named(organization)}. Nobody gets in any more, and no key of it works.`),
      paragraph('Until its data is erased, any of its owners can bring it back: sign in, and restore it. Afterwards nothing comes back.'),
      facts(['Erased at', dateText(dueAt)]),
      paragraph('To restore it, send this with your access token:'),
      code(`POST /api/v1/organizations/${organizationId}/restore`),
    ],
  }),
  example: {
    organization: 'Acme GmbH',
    organizationId: 'org_01k0501z00e00800000000000h',
    dueAt: new Date('2026-12-20T08:00:00Z'),
    daysLeft: 7,
  },
};
