import type { NewEvent } from './newEvent.ts';

/**
 * The exact text that is signed and posted, now and at every later attempt: `{"type","timestamp","data"}`
 * (Standard Webhooks, section "payload structure"). Stored as text, because jsonb would reorder the keys.
 */
export function envelope(event: Pick<NewEvent, 'type' | 'occurredAt' | 'data'>): string {
  return JSON.stringify({ type: event.type, timestamp: event.occurredAt.toISOString(), data: event.data });
}
