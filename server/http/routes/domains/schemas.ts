import { z } from 'zod';
import { JOIN_ROLES } from '../../../../services/organizations/settings.ts';
import { instant, text } from '../../fields.ts';
import { idSchema } from '../../params.ts';

export const DomainIn = z
  .strictObject({
    domain: text().max(253, 'has at most 253 characters').describe('`acme.example`, in any spelling; kept in lower case and ASCII.'),
  })
  .meta({ id: 'DomainIn' });

export const DomainOut = z
  .object({
    id: z.string(),
    domain: z.string(),
    status: z.enum(['pending', 'verified', 'lapsed']).describe('`lapsed`: it was verified, and its record has been gone for days.'),
    record: z
      .object({ type: z.literal('TXT'), name: z.string(), value: z.string() })
      .describe('Put it into the DNS of the domain, and leave it there: it is looked for every day.'),
    verified_at: instant().nullable(),
    confirmed_at: instant().nullable().describe('When the record was seen last.'),
    checked_at: instant().nullable().describe('When it was looked for last.'),
    failures: z.int().describe('Looks in a row that found no record; the third ends the verification.'),
    last_failure: z.enum(['missing', 'unreachable']).nullable(),
    created_at: instant(),
  })
  .meta({ id: 'Domain' });

export const DomainList = z.object({ data: z.array(DomainOut) }).meta({ id: 'DomainList' });

export const JoinIn = z
  .strictObject({
    organization_id: idSchema('org').nullable().default(null).describe('Only this one; null: whichever has your domain.'),
  })
  .meta({ id: 'OrganizationJoin' })
  .prefault({});

export const JoinOut = z
  .object({
    organization: z.object({ id: z.string(), name: z.string() }),
    membership_id: z.string(),
    role: z.enum(JOIN_ROLES),
  })
  .meta({ id: 'OrganizationJoined' });
