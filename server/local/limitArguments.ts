import { parseArgs } from 'node:util';
import type { LimitChange } from '../../services/limits/changeLimits.ts';
import { FEATURES, NUMBER_LIMITS, isFeature } from '../../services/limits/limits.ts';
import type { Feature, LimitOverrides, NumberLimit } from '../../services/limits/limits.ts';
import { PLANS, isPlan } from '../../services/plans.ts';
import { ArgumentError } from './operatorCommand.ts';

export const USAGE = `Usage: npm run org:limits -- --org <short name or org_…> [--plan professional] [--set name=value]… [--unset name]…
  numbers   ${Object.keys(NUMBER_LIMITS).join(', ')}: a whole number, or unlimited
  features  ${Object.keys(FEATURES).join(', ')}: true or false
  Without a change it shows what the organization may have and what is in use.`;

const many = { type: 'string', multiple: true, default: [] as string[] } as const;

/** Reads the arguments of `org:limits`. Throws ArgumentError, and what parseArgs throws. */
export function limitArguments(args: string[]): LimitChange & { organization: string } {
  const text = { type: 'string' } as const;
  const { org, plan, set, unset } = parseArgs({ args, options: { org: text, plan: text, set: many, unset: many } }).values;
  if (org === undefined) throw new ArgumentError('--org is missing');
  if (plan !== undefined && !isPlan(plan)) throw new ArgumentError(`--plan: expected one of ${PLANS.join(', ')}, not ${plan}`);
  const settings = set.map(readSetting);
  const removed = unset.map((name) => named('--unset', name));
  const names = [...settings.map(([name]) => name), ...removed];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new ArgumentError(`${twice} is given twice`);
  return { organization: org, ...(plan && { plan }), set: Object.fromEntries(settings) as LimitOverrides, unset: removed };
}

/** `seats=60`, `seats=unlimited`, `sso=true`. */
function readSetting(text: string): [NumberLimit | Feature, number | boolean | null] {
  const at = text.indexOf('=');
  if (at < 0) throw new ArgumentError(`--set ${text}: expected name=value, such as seats=60`);
  const [name, value] = [named('--set', text.slice(0, at)), text.slice(at + 1)];
  if (isFeature(name)) {
    if (value !== 'true' && value !== 'false') throw new ArgumentError(`--set ${text}: ${name} is true or false`);
    return [name, value === 'true'];
  }
  if (value === 'unlimited') return [name, null];
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(Number(value)))
    throw new ArgumentError(`--set ${text}: ${name} is a whole number from 0 up, or unlimited`);
  return [name, Number(value)];
}

function named(flag: string, name: string): NumberLimit | Feature {
  if (Object.hasOwn(NUMBER_LIMITS, name) || Object.hasOwn(FEATURES, name)) return name as NumberLimit | Feature;
  throw new ArgumentError(`${flag}: there is no limit "${name}"`);
}
