import { prepared } from '../../db/prepared.ts';
import type { ReadContext } from '../context.ts';
import { assertEventPatterns, isBuiltInPattern, patternsMatching } from './patterns.ts';

const OWN_NAMES = 'SELECT DISTINCT name FROM event_types WHERE org_id = $1';

/** Checks subscriptions against the built-in types and the organization's own. Throws unknown_event_type. */
export async function assertSubscribable({ trx, actor }: ReadContext, patterns: readonly string[]): Promise<void> {
  if (patterns.every(isBuiltInPattern)) return;
  const { rows } = await prepared<{ name: string }>(trx, 'own-event-type-names', OWN_NAMES, [actor.orgId]);
  assertEventPatterns(patterns, new Set(rows.flatMap(({ name }) => patternsMatching(name))));
}
