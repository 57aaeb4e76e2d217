import type { z } from 'zod';
import type { ListedEvent, ReadEvent } from '../../../../db/queries/readEvents.ts';
import { AppError } from '../../../../services/errors/AppError.ts';
import type { EventDraft } from '../../../../services/events/accept.ts';
import type { Candidate } from '../../../../services/events/acceptAll.ts';
import type { NewEvent, PublishedEvent } from '../../../../services/events/newEvent.ts';
import { typeId } from '../../../ids.ts';
import { fieldsOf, requestErrors } from '../../issues.ts';
import { problemOf } from '../../problem.ts';
import { EventIn } from './schemas.ts';
import type { EventBatchResult, EventOut, EventPublished, EventSummary } from './schemas.ts';

export function fromEventIn(body: z.output<typeof EventIn>): EventDraft {
  return {
    type: body.type,
    data: body.data,
    occurredAt: body.occurred_at ?? null,
    workspaceId: body.workspace_id,
    channels: body.channels,
  };
}

/** Reads one entry of a batch; `index` is its place. */
export function fromBatchEntry(entry: unknown, index: number): Candidate {
  const location = `body.events.${index}`;
  const parsed = EventIn.safeParse(entry, { error: requestErrors });
  if (parsed.success) return { draft: fromEventIn(parsed.data), location };
  return new AppError('validation_failed', { detail: 'The event is not valid.', fields: fieldsOf(location, parsed.error.issues) });
}

export function presentPublished(event: PublishedEvent): z.input<typeof EventPublished> {
  return { id: typeId('evt', event.id), type: event.type, occurred_at: event.occurredAt.toISOString(), deliveries: event.deliveries };
}

/** `published` holds the events among `accepted`, in the same order. */
export function presentBatch(
  accepted: (NewEvent | AppError)[],
  published: PublishedEvent[],
  requestId: string,
): z.input<typeof EventBatchResult> {
  const ids = published.values();
  return {
    data: accepted.map((result) =>
      result instanceof AppError ? { error: problemOf(result, requestId) } : { id: typeId('evt', ids.next().value!.id) },
    ),
  };
}

export function presentEventSummary(event: ListedEvent): z.input<typeof EventSummary> {
  return {
    id: typeId('evt', event.id),
    type: event.type,
    occurred_at: event.occurredAt.toISOString(),
    workspace_id: event.workspaceId === null ? null : typeId('wsp', event.workspaceId),
    channels: event.channels,
    deliveries: event.deliveries,
    created_at: event.createdAt.toISOString(),
    payload_erased_at: event.payloadErasedAt?.toISOString() ?? null,
  };
}

export function presentEvent(event: ReadEvent): z.input<typeof EventOut> {
  const { data } = event.payload === null ? { data: null } : (JSON.parse(event.payload) as { data: Record<string, unknown> });
  return { ...presentEventSummary(event), data };
}
