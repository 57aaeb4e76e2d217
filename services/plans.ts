export const PLANS = ['free', 'starter', 'professional', 'enterprise'] as const;
export type Plan = (typeof PLANS)[number];

/** null: unlimited. */
export interface PlanLimits {
  seats: number | null;
  workspaces: number | null;
  requestsPerHourPerKey: number;
  webhookEndpoints: number;
  /** A key and those that succeed it are one. */
  apiKeys: number;
  eventsPerMonth: number | null;
  auditRetentionDays: number;
  /** How long events, deliveries and attempts are kept. */
  historyRetentionDays: number;
  /** How long the counts of attempts by day are kept. */
  webhookStatsDays: number;
  customRoles: boolean;
  sso: boolean;
  siemStreams: boolean;
}

/** What each plan gives unless the organization has an override of its own. */
export const PLAN_LIMITS: Record<Plan, PlanLimits> = {
  free: {
    seats: 3,
    workspaces: 1,
    requestsPerHourPerKey: 1_000,
    webhookEndpoints: 2,
    apiKeys: 5,
    eventsPerMonth: 10_000,
    auditRetentionDays: 90,
    historyRetentionDays: 30,
    webhookStatsDays: 90,
    customRoles: false,
    sso: false,
    siemStreams: false,
  },
  starter: {
    seats: 10,
    workspaces: 3,
    requestsPerHourPerKey: 1_000,
    webhookEndpoints: 10,
    apiKeys: 25,
    eventsPerMonth: 250_000,
    auditRetentionDays: 365,
    historyRetentionDays: 90,
    webhookStatsDays: 365,
    customRoles: false,
    sso: false,
    siemStreams: false,
  },
  professional: {
    seats: 50,
    workspaces: 20,
    requestsPerHourPerKey: 5_000,
    webhookEndpoints: 50,
    apiKeys: 100,
    eventsPerMonth: 5_000_000,
    auditRetentionDays: 1_095,
    historyRetentionDays: 180,
    webhookStatsDays: 1_095,
    customRoles: true,
    sso: false,
    siemStreams: false,
  },
  enterprise: {
    seats: null,
    workspaces: null,
    requestsPerHourPerKey: 20_000,
    webhookEndpoints: 500,
    apiKeys: 1_000,
    eventsPerMonth: null,
    auditRetentionDays: 2_557,
    historyRetentionDays: 365,
    webhookStatsDays: 2_557,
    customRoles: true,
    sso: true,
    siemStreams: true,
  },
};

export const isPlan = (text: string): text is Plan => (PLANS as readonly string[]).includes(text);

/** So that nobody gets past the limits of a free organization by founding many. */
export const FREE_ORGANIZATIONS_PER_PERSON = 3;
