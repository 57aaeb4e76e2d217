import { code, facts, named, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

/** What owners read when the record that proves a domain is gone. */
export interface DomainProblemMail {
  organization: string;
  domain: string;
  recordName: string;
  recordValue: string;
  /** true: the domain counts as verified no longer. */
  lapsed: boolean;
}

export const domainProblemMail: MailTemplate<DomainProblemMail> = {
  name: 'domain_problem',
  example: {
    organization: 'Acme',
    domain: 'acme.example',
    recordName: '_artisan-challenge.acme.example',
    recordValue: 'artisan-domain-verification=example',
    lapsed: false,
  },
  write: ({ organization, domain, recordName, recordValue, lapsed }) => ({
    subject: lapsed ? `${domain} is not verified any more` : `The DNS record of ${domain} is missing`,
    body: [
      paragraph(
        lapsed
          ? `The record that proves that ${domain} belongs to ${named(organization)} has been missing for days. Nobody can join by an address of that domain until it is verified again.`
          : `The record that proves that ${domain} belongs to ${named(organization)} is gone. If it is not back within two days, the domain counts as verified no longer.`,
      ),
      facts(['Type', 'TXT'], ['Name', recordName]),
      code(recordValue),
      paragraph(lapsed ? 'Put the record back, then verify the domain again.' : 'Put it back, and nothing else needs to be done.'),
    ],
  }),
};
