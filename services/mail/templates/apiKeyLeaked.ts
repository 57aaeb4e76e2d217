import { code, facts, named, paragraph } from '../template.ts';
import type { MailTemplate } from '../template.ts';

export interface ApiKeyLeakedMail {
  organization: string;
  /** Its name. */
  key: string;
  /** As the API knows it. */
  keyId: string;
  last4: string;
  /** Where somebody found it. */
  url: string | null;
  disabled: boolean;
}

/** To every owner of an organization whose key was found where strangers can read it. */
export const apiKeyLeakedMail: MailTemplate<ApiKeyLeakedMail> = {
  name: 'api_key_leaked',
  write: ({ organization, key, keyId, last4, url, disabled }) => ({
    subject: `An API key of ${named(organization)} has leaked`,
    body: [
      paragraph(`The API key ${named(key)} was found where others can read it.`),
      facts(['Key', `…${last4}`], ['Found at', url === null ? 'not told' : named(url)]),
      paragraph(
        disabled
          ? 'It is disabled: whoever sends it is refused. What was done with it until then is in the audit log and in its usage.'
          : 'It still works, because your organization does not disable leaked keys by itself. Revoke it now, and look into the audit log and its usage.',
      ),
      paragraph('Create another key, give it to the programs that used this one, and revoke this one:'),
      code(`DELETE /api/v1/admin/api-keys/${keyId}`),
    ],
  }),
  example: {
    organization: 'Acme GmbH',
    key: 'CRM export',
    keyId: 'key_01k0501z00e00800000000005h',
    last4: 'x7Qa',
    url: 'https://code.example/acme/scripts/blob/main/sync.ts',
    disabled: true,
  },
};
