import { PLANS, PLAN_LIMITS } from '../plans.ts';
import type { Plan, PlanLimits } from '../plans.ts';

/** What a plan limits by number, under the names of the API, and where PlanLimits has it. */
export const NUMBER_LIMITS = {
  seats: 'seats',
  workspaces: 'workspaces',
  webhook_endpoints: 'webhookEndpoints',
  api_keys: 'apiKeys',
  events_per_month: 'eventsPerMonth',
} as const satisfies Record<string, keyof PlanLimits>;

/** What a plan has or has not. */
export const FEATURES = {
  custom_roles: 'customRoles',
  sso: 'sso',
  siem_streams: 'siemStreams',
} as const satisfies Record<string, keyof PlanLimits>;

export type NumberLimit = keyof typeof NUMBER_LIMITS;
export type Feature = keyof typeof FEATURES;

export const isFeature = (name: string): name is Feature => name in FEATURES;

/** What of its plan an organization's own agreement changes. null: unlimited. */
export type LimitOverrides = { [L in NumberLimit]?: number | null } & { [F in Feature]?: boolean };

/** The row that decides: `organizations.plan` and `organizations.limit_overrides`. */
export interface Limited {
  plan: Plan;
  overrides: LimitOverrides;
}

/** What `organizations.limit_overrides` says. Never throws; what is unknown or makes no sense counts as absent. */
export function limitOverrides(raw: unknown): LimitOverrides {
  if (typeof raw !== 'object' || raw === null) return {};
  return Object.fromEntries(Object.entries(raw).filter(([name, value]) => isOverride(name, value)));
}

function isOverride(name: string, value: unknown): boolean {
  if (isFeature(name)) return typeof value === 'boolean';
  return name in NUMBER_LIMITS && (value === null || (Number.isSafeInteger(value) && (value as number) >= 0));
}

/** How many the organization may have; null: as many as it likes. */
export function limitOf({ plan, overrides }: Limited, name: NumberLimit): number | null {
  const own = overrides[name];
  return own === undefined ? PLAN_LIMITS[plan][NUMBER_LIMITS[name]] : own;
}

export const hasFeature = ({ plan, overrides }: Limited, feature: Feature): boolean =>
  overrides[feature] ?? PLAN_LIMITS[plan][FEATURES[feature]];

/** The least plan with more of it than the organization may have now; null: none has. */
export function upgradeFor(limited: Limited, name: NumberLimit | Feature): Plan | null {
  const better = PLANS.slice(PLANS.indexOf(limited.plan) + 1);
  if (isFeature(name)) return better.find((plan) => PLAN_LIMITS[plan][FEATURES[name]]) ?? null;
  const now = limitOf(limited, name) ?? Infinity;
  return better.find((plan) => (PLAN_LIMITS[plan][NUMBER_LIMITS[name]] ?? Infinity) > now) ?? null;
}
