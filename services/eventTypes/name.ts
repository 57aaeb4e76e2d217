import { AppError } from '../errors/AppError.ts';
import { EVENT_TYPES } from './registry.ts';

/** `invoice.paid`: two to six segments of lower-case letters, digits and `_`. */
export const TYPE_NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,5}$/;

/** First segments of the types that the platform publishes: a later one must not meet an organization's own. */
const RESERVED = new Set([...EVENT_TYPES.values()].filter(({ kind }) => kind !== 'business').map(({ name }) => name.split('.')[0]!));

/** Throws conflict for a built-in type, reserved_event_type for a name among the platform's own. */
export function assertFreeName(name: string): void {
  const fields = [{ location: 'body.name', message: `"${name}" is not free` }];
  if (EVENT_TYPES.has(name))
    throw new AppError('conflict', { detail: `"${name}" is a built-in event type and cannot be replaced.`, fields });
  if (!RESERVED.has(name.split('.')[0]!)) return;
  const groups = [...RESERVED].map((group) => `${group}.*`).join(', ');
  throw new AppError('reserved_event_type', { detail: `The groups ${groups} are the platform's own.`, fields });
}
