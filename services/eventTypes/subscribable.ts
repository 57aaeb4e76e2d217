import type { TenantContext } from '../context.ts';
import { assertEventPatterns, isBuiltInPattern, patternsMatching } from './patterns.ts';

/** Checks subscriptions against the built-in types and the organization's own. Throws unknown_event_type. */
export async function assertSubscribable({ trx, actor }: TenantContext, patterns: readonly string[]): Promise<void> {
  if (patterns.every(isBuiltInPattern)) return;
  const own = await trx('event_types').where({ org_id: actor.orgId }).distinct<{ name: string }[]>('name');
  assertEventPatterns(patterns, new Set(own.flatMap(({ name }) => patternsMatching(name))));
}
