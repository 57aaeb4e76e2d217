import { code, dateText, facts, named, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

export interface ApiKeyEndingMail {
  organization: string;
  /** Its name. */
  key: string;
  /** As the API knows it. */
  keyId: string;
  last4: string;
  endsAt: Date;
  /** The policy replaced it, and its successor waits to be picked up; else it expires. */
  replaced: boolean;
}

/** To who can do something about a key that stops working in a week, or in a day. */
export const apiKeyEndingMail: MailTemplate<ApiKeyEndingMail> = {
  name: 'api_key_ending',
  write: ({ organization, key, keyId, last4, endsAt, replaced }) => ({
    subject: `An API key of ${named(organization)} ends on ${dateText(endsAt)}`,
    body: [
      paragraph(`The API key ${named(key)} stops working soon. Programs that use it are refused from then on.`),
      facts(['Key', `…${last4}`], ['Works until', dateText(endsAt)]),
      paragraph(
        replaced
          ? 'The policy of the organization has replaced it. Nobody has picked up the new key yet, which is handed out once:'
          : 'Rotate it: the new key is in the answer, and both work until the programs have changed over.',
      ),
      code(`POST /api/v1/admin/api-keys/${keyId}/${replaced ? 'rotation/secret' : 'rotate'}`),
    ],
  }),
  example: {
    organization: 'Acme GmbH',
    key: 'CRM export',
    keyId: 'key_01k0501z00e00800000000005h',
    last4: 'x7Qa',
    endsAt: new Date('2026-11-09T09:00:00Z'),
    replaced: false,
  },
};
