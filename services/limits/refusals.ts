import { AppError } from '../errors/AppError.ts';
import { PLAN_LIMITS } from '../plans.ts';
import { NUMBER_LIMITS, upgradeFor } from './limits.ts';
import type { Feature, Limited, NumberLimit } from './limits.ts';

/** How each limit reads in a sentence, and what makes room. */
const WORDS: Readonly<Record<NumberLimit, { noun: string; per?: string; remedy: string }>> = {
  seats: { noun: 'seat', remedy: 'Remove a member or revoke an invitation' },
  workspaces: { noun: 'workspace', remedy: 'Delete one' },
  webhook_endpoints: { noun: 'webhook endpoint', remedy: 'Delete one' },
  api_keys: { noun: 'API key', remedy: 'Revoke one' },
  events_per_month: { noun: 'event', per: ' a month', remedy: 'Wait for the next month' },
};
const FEATURES_ARE: Readonly<Record<Feature, string>> = {
  custom_roles: 'Custom roles are',
  sso: 'Single sign-on is',
  siem_streams: 'SIEM streams are',
};

/** plan_limit_reached with what a program needs to act on it: `limit: { name, limit, used, plan, upgrade_to }`. */
export function limitReached(limited: Limited, { name, limit, used }: { name: NumberLimit; limit: number; used: number }): AppError {
  const { noun, per = '', remedy } = WORDS[name];
  const upgrade = upgradeFor(limited, name);
  const has = name in limited.overrides ? 'This organization may have' : `The ${limited.plan} plan has`;
  const more =
    upgrade === null
      ? 'ask for a higher limit'
      : `move to the ${upgrade} plan, which has ${amount(PLAN_LIMITS[upgrade][NUMBER_LIMITS[name]])}`;
  // An organization keeps its last workspace: there is nothing to delete.
  const advice = name === 'workspaces' && limit <= 1 ? `${more[0]!.toUpperCase()}${more.slice(1)}` : `${remedy}, or ${more}`;
  return new AppError('plan_limit_reached', {
    detail: `${has} ${limit} ${noun}${limit === 1 ? '' : 's'}${per}, and ${used} ${used === 1 ? 'is' : 'are'} in use. ${advice}.`,
    extensions: { limit: { name, limit, used, plan: limited.plan, upgrade_to: upgrade } },
  });
}

/** plan_feature_missing with the same member. */
export function featureMissing(limited: Limited, feature: Feature): AppError {
  const upgrade = upgradeFor(limited, feature);
  const more = upgrade === null ? 'Ask for it.' : `Move to the ${upgrade} plan.`;
  return new AppError('plan_feature_missing', {
    detail: `${FEATURES_ARE[feature]} not part of the ${limited.plan} plan. ${more}`,
    extensions: { limit: { name: feature, limit: 0, used: 0, plan: limited.plan, upgrade_to: upgrade } },
  });
}

const amount = (limit: number | null): string => (limit === null ? 'no such limit' : String(limit));
