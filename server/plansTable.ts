import { FEATURES, NUMBER_LIMITS } from '../services/limits/limits.ts';
import { PLANS, PLAN_LIMITS } from '../services/plans.ts';
import type { PlanLimits } from '../services/plans.ts';

/** What a plan says besides what an override can change. */
const MORE = {
  'requests an hour and key': 'requestsPerHourPerKey',
  'days that events are kept': 'historyRetentionDays',
} as const satisfies Record<string, keyof PlanLimits>;

/** The table of `docs/guides/identity.md`: what each plan gives, under the names that the API and `npm run org:limits` use. */
export function plansTable(): string {
  const named = Object.entries({ ...NUMBER_LIMITS, ...FEATURES }).map(([name, field]) => row(`\`${name}\``, field));
  const others = Object.entries(MORE).map(([words, field]) => row(words, field));
  const rule = ['---', ...PLANS.map(() => '--:')];
  return [['', ...PLANS], rule, ...named, ...others].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const row = (head: string, field: keyof PlanLimits): string[] => [head, ...PLANS.map((plan) => shown(PLAN_LIMITS[plan][field]))];

function shown(value: PlanLimits[keyof PlanLimits]): string {
  if (value === null) return 'unlimited';
  return typeof value === 'boolean' ? (value ? '✓' : '') : value.toLocaleString('en');
}
