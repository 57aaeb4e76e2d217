import { z } from 'zod';
import { PLANS } from '../../../../services/plans.ts';

export const StatsOut = z
  .object({
    members: z.int().describe('Active members.'),
    seats_taken: z.int().describe('What counts against the seats of the plan: active members, and invitations that can still be accepted.'),
    workspaces: z.int(),
    webhook_endpoints: z.int(),
    api_keys: z.int().describe('Keys that work at present.'),
    events_this_month: z.int().describe('Events that clients published this month (UTC), but for those of the last seconds.'),
    deliveries: z.object({
      delivered: z.int().describe('Deliveries that arrived, ever, of deleted endpoints too.'),
      failed: z.int().describe('Deliveries that were given up.'),
      waiting: z.int().describe('Deliveries that are due or scheduled now.'),
    }),
  })
  .meta({ id: 'OrganizationStats' });

export const LimitsOut = z
  .object({
    plan: z.enum(PLANS),
    limits: z.array(
      z.object({
        name: z.enum(['seats', 'workspaces', 'webhook_endpoints', 'api_keys', 'events_per_month']),
        limit: z.int().nullable().describe('null: unlimited.'),
        used: z.int(),
        overridden: z.boolean().describe("The organization's own agreement says so, not its plan."),
      }),
    ),
    features: z.array(z.object({ name: z.enum(['custom_roles', 'sso', 'siem_streams']), included: z.boolean(), overridden: z.boolean() })),
    requests_per_hour_per_key: z.int().describe('For a key that has no limit of its own.'),
  })
  .meta({ id: 'OrganizationLimits' });
