import type { Transaction } from 'objection';
import { PLAN_LIMITS } from '../plans.ts';
import type { Plan } from '../plans.ts';

/** The key in `organizations.settings` that overrides the plan. */
const OVERRIDE = 'history_retention_days';
/** The database refuses to remove what is younger than 7 days. */
const LEAST_DAYS = 7;
/** Ten years; a mistyped setting must not make a time that no Date holds. */
const MOST_DAYS = 3_650;
const DAY_MS = 86_400_000;

export interface Retained {
  id: string;
  plan: Plan;
  settings: Record<string, unknown>;
}

/** How many days the organization's events, deliveries and attempts are kept: its own setting, ten years at most, else that of its plan. */
export function retentionDays({ plan, settings }: Pick<Retained, 'plan' | 'settings'>): number {
  const own = settings[OVERRIDE];
  if (typeof own !== 'number' || !Number.isInteger(own) || own < LEAST_DAYS) return PLAN_LIMITS[plan].historyRetentionDays;
  return Math.min(own, MOST_DAYS);
}

/** The longest that any plan or organization keeps its history. Runs as `artisan_system`. */
export async function longestRetentionDays(trx: Transaction): Promise<number> {
  const overridden = await trx('organizations').whereRaw('jsonb_exists(settings, ?)', [OVERRIDE]).select<Retained[]>('plan', 'settings');
  const plans = Object.values(PLAN_LIMITS).map(({ historyRetentionDays }) => historyRetentionDays);
  return Math.max(...plans, ...overridden.map(retentionDays));
}

export const daysBefore = (now: Date, days: number): Date => new Date(now.getTime() - days * DAY_MS);
