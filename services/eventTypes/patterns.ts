import { AppError } from '../errors/AppError.ts';
import type { FieldError } from '../errors/AppError.ts';
import { EVENT_TYPES, OPERATIONAL_EVENT_TYPES, PUBLISHABLE_EVENT_TYPES } from './registry.ts';

const WILDCARD = '*';

/**
 * The subscriptions that an event of this type reaches: the exact name, one wildcard per leading segment, and `*`.
 * `*` means every type that clients publish; operational types must be asked for by name or by `webhook.*`,
 * so that an endpoint subscribed to everything is not told about its own failures. A test event reaches no subscription.
 * A type that is not built in is an organization's own, which its clients publish.
 */
export function patternsMatching(type: string): string[] {
  const kind = EVENT_TYPES.get(type)?.kind ?? 'business';
  if (kind === 'test') return [];
  const segments = type.split('.');
  const wildcards = segments.slice(1).map((_segment, index) => `${segments.slice(0, index + 1).join('.')}.${WILDCARD}`);
  return kind === 'business' ? [type, ...wildcards, WILDCARD] : [type, ...wildcards];
}

const KNOWN_PATTERNS: ReadonlySet<string> = new Set([...PUBLISHABLE_EVENT_TYPES, ...OPERATIONAL_EVENT_TYPES].flatMap(patternsMatching));

/** Whether a built-in type can match the subscription. */
export const isBuiltInPattern = (pattern: string): boolean => KNOWN_PATTERNS.has(pattern);

/**
 * Throws unknown_event_type naming each subscription that no known type can ever match (`body.events.<index>`).
 * `own` are the subscriptions that the organization's own types reach.
 */
export function assertEventPatterns(patterns: readonly string[], own: ReadonlySet<string>): void {
  const known = (pattern: string): boolean => isBuiltInPattern(pattern) || own.has(pattern);
  const fields = patterns.flatMap((pattern, index) => (known(pattern) ? [] : [unknownPattern(pattern, index)]));
  if (fields.length === 0) return;
  throw new AppError('unknown_event_type', {
    detail: `Subscribe to a known type (${PUBLISHABLE_EVENT_TYPES.join(', ')}), to one of the organization's own, to a group such as "lead.*", or to "*".`,
    fields,
  });
}

function unknownPattern(pattern: string, index: number): FieldError {
  const message = pattern.endsWith(WILDCARD)
    ? `"${pattern}" matches no known event type. A wildcard stands alone or after a dot, as in "lead.*".`
    : `"${pattern}" is not an event type that an endpoint can subscribe to.`;
  return { location: `body.events.${index}`, message };
}
