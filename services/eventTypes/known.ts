import { AppError } from '../errors/AppError.ts';
import { EVENT_TYPES } from './registry.ts';

/** For a filter: a mistyped type would find nothing, for ever. Throws unknown_event_type. */
export function assertKnownEventType(type: string, location: string): void {
  if (EVENT_TYPES.has(type)) return;
  throw new AppError('unknown_event_type', {
    detail: `The known types are: ${[...EVENT_TYPES.keys()].join(', ')}.`,
    fields: [{ location, message: `"${type}" is not a known event type.` }],
  });
}
