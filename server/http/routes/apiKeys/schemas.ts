import { z } from 'zod';
import { KEY_STATUSES } from '../../../../services/apiKeys/statuses.ts';
import { PERMISSIONS } from '../../../../services/permissions.ts';
import { cidrField } from '../../cidrField.ts';
import { distinct, instant, line, moment, whole, wrong } from '../../fields.ts';
import { pageQuery } from '../../page.ts';
import { idSchema } from '../../params.ts';

const MOST_BLOCKS = 50;

const settings = {
  name: line(120).describe('What people call the key.'),
  scopes: z
    .array(z.enum(PERMISSIONS, 'is no permission of the registry'), wrong('must be a list of permissions'))
    .min(1, 'must name at least one permission')
    .max(PERMISSIONS.length, `has at most ${PERMISSIONS.length} entries`)
    .refine(distinct, 'must not name a permission twice')
    .describe('What the key may do, at most: a person’s key may never do more than the person. Nobody can give what they do not hold.'),
  expires_at: moment()
    .nullable()
    .describe(
      'When the key stops working. null: as late as the organization’s policy allows (`api_keys.max_lifetime_days`, 366 unless changed).',
    ),
  rate_limit_per_hour: whole(1, 1_000_000_000)
    .nullable()
    .describe(
      'Requests an hour for the key and those that it succeeded or that succeed it, together; at most what the plan gives. null: what the plan gives.',
    ),
  allowed_ips: z
    .array(cidrField(), wrong('must be a list of addresses and blocks'))
    .max(MOST_BLOCKS, `has at most ${MOST_BLOCKS} entries`)
    .refine(distinct, 'must not name a block twice')
    .describe(
      'Addresses and blocks (`192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`) that the key may be used from. Empty: from anywhere that the organization allows.',
    ),
};

/** What a new key is made of. Everything but name and scopes has a default. */
export const ApiKeyIn = z
  .strictObject({
    name: settings.name,
    scopes: settings.scopes,
    owner: z
      .enum(['organization', 'user'], 'must be "organization" or "user"')
      .default('organization')
      .describe(
        'Whose key it is: the organization’s, which outlives people, or that of the signed-in person, which can do what the person can at the moment.',
      ),
    environment: z
      .enum(['live', 'test'], 'must be "live" or "test"')
      .default('live')
      .describe('Shown in the key (`sk_live_…`, `sk_test_…`), so that people see which one they have.'),
    workspace_id: idSchema('wsp')
      .nullable()
      .default(null)
      .describe('Binds the key to one workspace. null: the whole organization, or the workspace that the caller is bound to.'),
    expires_at: settings.expires_at.default(null),
    rate_limit_per_hour: settings.rate_limit_per_hour.default(null),
    allowed_ips: settings.allowed_ips.default([]),
  })
  .meta({ id: 'ApiKeyIn' });

/** A field that is absent stays as it is; lists are replaced as a whole. */
export const ApiKeyPatch = z
  .strictObject(settings)
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'must name at least one field to change')
  .meta({ id: 'ApiKeyPatch' });

export const apiKeyListQuery = pageQuery({
  status: z
    .enum(KEY_STATUSES, `must be one of ${KEY_STATUSES.join(', ')}`)
    .optional()
    .describe('Only keys in this state.'),
  owner: z
    .enum(['organization', 'user'], 'must be "organization" or "user"')
    .optional()
    .describe('Only keys of the organization, or of people.'),
  workspace_id: idSchema('wsp').optional().describe('Only keys that are bound to this workspace.'),
});

export const ApiKeyOut = z
  .object({
    id: z.string(),
    name: z.string(),
    environment: z.enum(['live', 'test']),
    prefix: z.string().describe('How the key begins. It ends with `last4`; what is between is stored nowhere.'),
    last4: z.string(),
    scopes: z.array(z.string()),
    owner: z.enum(['organization', 'user']),
    owner_user_id: z.string().nullable(),
    workspace_id: z.string().nullable(),
    status: z
      .enum(KEY_STATUSES)
      .describe(
        '`active` and `retiring` (rotated, in its grace) work. `orphaned`: its owner is no active member; `blocked`: by the organization’s policy.',
      ),
    expires_at: instant().nullable().describe('When it ends: by its own expiry or by the organization’s policy, whichever comes first.'),
    rate_limit_per_hour: z.int().nullable(),
    allowed_ips: z.array(z.string()),
    family_id: z.string().describe('The first of the keys that succeeded each other: they share a rate limit.'),
    predecessor_id: z.string().nullable().describe('The key that it succeeds.'),
    retires_at: instant().nullable().describe('End of its grace, when it was rotated.'),
    revoked_at: instant().nullable(),
    disabled_at: instant().nullable(),
    disabled_reason: z.enum(['manual', 'leaked']).nullable(),
    first_used_at: instant().nullable().describe('Uses are written down every few seconds.'),
    last_used_at: instant().nullable(),
    last_used_ip: z.string().nullable(),
    created_at: instant(),
    updated_at: instant(),
  })
  .meta({ id: 'ApiKeyOut' });

export const ApiKeyCreated = ApiKeyOut.extend({
  key: z.string().optional().describe('The key, shown here and never again.'),
  key_redacted: z.string().optional().describe('In place of `key` when a request is repeated with its Idempotency-Key.'),
}).meta({ id: 'ApiKeyCreated' });
