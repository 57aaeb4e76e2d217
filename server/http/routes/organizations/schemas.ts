import { z } from 'zod';
import { JOIN_ROLES, MFA_POLICIES } from '../../../../services/organizations/settings.ts';
import { SLUG } from '../../../../services/organizations/slug.ts';
import { PLANS } from '../../../../services/plans.ts';
import { distinct, instant, line, moment, text, whole, wrong } from '../../fields.ts';
import { typeId } from '../../../ids.ts';
import { cidrField } from '../../cidrField.ts';
import { RoleRef } from '../roles/grantSchemas.ts';

const flag = () => z.boolean(wrong('must be true or false'));
const choice = <const Choices extends readonly [string, ...string[]]>(choices: Choices) =>
  z.enum(choices, `must be one of ${choices.map((each) => `"${each}"`).join(', ')}`);

export const nameField = line(200).describe('What people call the organization.');
export const slugField = text()
  .min(3, 'has at least 3 characters')
  .max(48, 'has at most 48 characters')
  .regex(SLUG, 'must be lower-case letters and digits, with single hyphens between them')
  .describe('Its short name, unique on the installation. One that was given up stays reserved for this organization.');

const roleName = RoleRef.transform((ref) => ('role' in ref ? ref.role : typeId('rol', ref.roleId)));

const mfa = {
  policy: choice(MFA_POLICIES).describe('Who has to use a second factor: nobody, everybody, or members with one of `roles`.'),
  roles: z
    .array(roleName, wrong('must be a list of roles'))
    .max(50, 'has at most 50 entries')
    .refine(distinct, 'must not name a role twice')
    .describe('Built-in roles, and roles of your own by their id.'),
  grace_until: moment().nullable().describe('Until then members are reminded, afterwards refused; null: refused at once.'),
  phishing_resistant_only: flag().describe('Only passkeys count.'),
};
const apiKeys = {
  max_lifetime_days: whole(1, 3_650).nullable().describe('A key that is older is refused, whatever its own end; null: no such end.'),
  rotation_days: whole(1, 3_650).nullable().describe('Keys are rotated by themselves after so many days; null: never.'),
  retire_after_first_use_minutes: whole(1, 43_200)
    .nullable()
    .describe('A rotated key goes so long after its successor was first used; null: at the end of its grace.'),
  disable_leaked: flag().describe('A key that is reported as leaked is switched off at once.'),
  allowed_ips: z
    .array(cidrField(), wrong('must be a list of networks'))
    .max(100, 'has at most 100 entries')
    .refine(distinct, 'must not name a network twice')
    .describe('Networks that every key of the organization may be used from; none: all.'),
};
const domains = {
  join: flag().describe('People with a verified address of a verified domain may join by themselves.'),
  join_role: choice(JOIN_ROLES).describe('The role that they get.'),
  restrict_members: flag().describe('Only such people may be invited.'),
};

const settings = {
  primary_color: text()
    .regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour such as "#1a73e8"')
    .nullable(),
  logo_url: z
    .url({ protocol: /^https$/, hostname: z.regexes.domain, error: 'must be an https address' })
    .max(2_048, 'has at most 2,048 characters')
    .nullable(),
  sso_enabled: flag().describe('Single sign-on, with a plan that has it.'),
  api_enabled: flag().describe('false: every API key of the organization is refused with `api_access_disabled`.'),
};

export const OrganizationIn = z.strictObject({ name: nameField, slug: slugField.optional() }).meta({ id: 'OrganizationIn' });

/** What is absent stays as it is, in each group of settings too. */
export const OrganizationPatch = z
  .strictObject({
    name: nameField,
    slug: slugField,
    settings: z
      .strictObject({
        ...settings,
        mfa: z.strictObject(mfa).partial(),
        api_keys: z.strictObject(apiKeys).partial(),
        domains: z.strictObject(domains).partial(),
      })
      .partial()
      .refine((changes) => Object.keys(changes).length > 0, 'must name at least one setting to change'),
  })
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'must name at least one field to change')
  .meta({ id: 'OrganizationPatch' });

const SettingsOut = z.object({
  ...settings,
  logo_url: z.string().nullable(),
  mfa: z.object({ ...mfa, roles: z.array(z.string()), grace_until: instant().nullable() }),
  api_keys: z.object({ ...apiKeys, allowed_ips: z.array(z.string()) }),
  domains: z.object(domains),
});

export const OrganizationOut = z
  .object({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    plan: z.enum(PLANS),
    status: z.enum(['active', 'deleted']).describe('`deleted`: nobody gets in, and an owner can restore it until `deletion_due_at`.'),
    settings: SettingsOut,
    created_at: instant(),
    updated_at: instant().nullable(),
    deleted_at: instant().nullable().describe('When its deletion was asked for.'),
    deletion_due_at: instant().nullable().describe('When its data is erased.'),
  })
  .meta({ id: 'OrganizationOut' });

export const OrganizationListed = z
  .object({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    plan: z.enum(PLANS),
    status: z.enum(['active', 'deleted']),
    roles: z.array(z.string()).describe('Built-in roles that you hold in the whole organization; empty for an API key.'),
    created_at: instant(),
    deletion_due_at: instant().nullable(),
  })
  .meta({ id: 'OrganizationListed' });

export const OrganizationList = z.object({ data: z.array(OrganizationListed) });
