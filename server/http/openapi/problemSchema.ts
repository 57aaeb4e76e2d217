import { z } from 'zod';
import { ERROR_CODES } from '../../../services/errors/codes.ts';
import type { ErrorCodeName } from '../../../services/errors/codes.ts';

const Limit = z.object({
  name: z
    .string()
    .describe('`seats`, `workspaces`, `webhook_endpoints`, `events_per_month`, `requests_per_hour_per_key`, `custom_roles`, `sso`, …'),
  limit: z.int(),
  used: z.int().optional().describe('Absent with `requests_per_hour_per_key`.'),
  asked: z.int().optional().describe('Only with `requests_per_hour_per_key`: what the request wanted.'),
  plan: z.string(),
  upgrade_to: z.string().nullable().describe('The least plan that has more; null when none has.'),
});

/** RFC 9457, as every failure is answered. */
export const ProblemSchema = z
  .object({
    type: z.string().describe('A URI that names the kind of problem; ends in `code`.'),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.enum(Object.keys(ERROR_CODES) as [string, ...string[]]).describe('What a program should look at.'),
    detail: z.string().describe('For a person: what happened and what to do.'),
    errors: z
      .array(
        z.object({ location: z.string().describe('`body.url`, `query.limit`, `path.id`, `header.idempotency-key`.'), message: z.string() }),
      )
      .optional(),
    request_id: z.string().describe('Finds the request in the log; also in the header X-Request-Id.'),
    limit: Limit.optional().describe('With `plan_limit_reached` and `plan_feature_missing`.'),
    step_up: z.string().optional().describe('With `mfa_required` and `step_up_required`: where to prove who one is.'),
    enroll: z.string().optional().describe('With `mfa_required`: where to set a second factor up.'),
    accepts: z.array(z.string()).optional().describe('With `mfa_required`: the factors that will do.'),
    max_age_seconds: z.int().optional().describe('With `step_up_required`: how old the proof may be.'),
    organization_ids: z.array(z.string()).optional().describe('With `factor_required`: who asks for the factor.'),
    in_use: z.object({ members: z.int(), invitations: z.int(), mfa_policy: z.boolean() }).optional().describe('With `role_in_use`.'),
    'violated-policies': z.array(z.string()).optional().describe('With `rate_limited`: names in `RateLimit-Policy`.'),
  })
  .meta({ id: 'Problem' });

/** What a problem of that code says beyond its standard members: an answer as it is really given. */
export const PROBLEM_EXAMPLES: { readonly [C in ErrorCodeName]?: Partial<z.infer<typeof ProblemSchema>> } = {
  plan_limit_reached: {
    detail: 'The starter plan has 3 workspaces, and 3 are in use. Delete one, or move to the professional plan, which has 20.',
    limit: { name: 'workspaces', limit: 3, used: 3, plan: 'starter', upgrade_to: 'professional' },
  },
  plan_feature_missing: {
    detail: 'Custom roles are not part of the free plan. Move to the professional plan.',
    limit: { name: 'custom_roles', limit: 0, used: 0, plan: 'free', upgrade_to: 'professional' },
  },
  mfa_required: {
    detail:
      'The organization asks for a second factor in this session: prove one at /api/v1/auth/mfa/verify, or set one up at /api/v1/auth/mfa first.',
    step_up: '/api/v1/auth/mfa/verify',
    enroll: '/api/v1/auth/mfa',
    accepts: ['totp', 'webauthn', 'recovery_code'],
  },
  step_up_required: {
    detail: 'Sign in again first: the last proof in this session must be at most 10 minutes old.',
    step_up: '/api/v1/auth/login',
    max_age_seconds: 600,
  },
  factor_required: {
    detail: 'Acme GmbH asks for a second factor, and this is the last that would do. Add another one first.',
    organization_ids: ['org_01k0501z00e00800000000003h'],
  },
  role_in_use: {
    detail: 'This role is in use: 3 members have it, and 1 open invitation offers it. Put another one in its place first.',
    in_use: { members: 3, invitations: 1, mfa_policy: false },
  },
  rate_limited: { 'violated-policies': ['key'] },
};
