import { AppError } from '../errors/AppError.ts';
import { EVENT_TYPES, PUBLISHABLE_EVENT_TYPES } from './registry.ts';

/**
 * Checks that a client may publish the type; `location` is where the request named it (`body.type`), `own` are the organization's own.
 * Throws unknown_event_type, or reserved_event_type for a type that only the platform publishes.
 */
export function assertPublishable(type: string, location: string, own: { has(type: string): boolean }): void {
  const known = EVENT_TYPES.get(type);
  if (known?.kind === 'business' || (known === undefined && own.has(type))) return;
  const choices = `Publish one of: ${PUBLISHABLE_EVENT_TYPES.join(', ')}, or a type of the organization's own.`;
  if (known === undefined) {
    throw new AppError('unknown_event_type', { detail: choices, fields: [{ location, message: `"${type}" is not a known event type.` }] });
  }
  const message =
    known.kind === 'test'
      ? `"${type}" is sent by POST /admin/webhooks/{id}/test only.`
      : `"${type}" is published by the platform itself; subscribe an endpoint to it instead.`;
  throw new AppError('reserved_event_type', { detail: choices, fields: [{ location, message }] });
}
