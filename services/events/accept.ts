import type { Actor } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import type { OwnType } from '../eventTypes/ownTypes.ts';
import { assertPublishable } from '../eventTypes/publishable.ts';
import { workspaceFault } from '../workspaces/usable.ts';
import type { NewEvent } from './newEvent.ts';

/** An event as a client describes it; ids are database uuids. */
export interface EventDraft {
  type: string;
  data: object;
  /** null: now. */
  occurredAt: Date | null;
  /** null: that of the credential, if it is bound to one. */
  workspaceId: string | null;
  channels: string[];
}

export interface AcceptRules {
  actor: Actor;
  now: Date;
  /** Of the workspaces that drafts name, those that the actor may use. */
  usable: ReadonlySet<string>;
  /** Of the types that drafts name, those that are the organization's own. */
  own: ReadonlyMap<string, OwnType>;
}

/** Larger than any receiver should be asked to take; Standard Webhooks advises to stay below 20 kB. */
export const MAX_DATA_BYTES = 262_144;
const FUTURE_MS = 5 * 60_000;
const PAST_MS = 366 * 86_400_000;

/**
 * Turns a draft into an event that may be published. `location` is where the draft stands in the request (`body`, `body.events.3`).
 * Throws unknown_event_type, reserved_event_type, validation_failed.
 */
export function acceptEvent(draft: EventDraft, { actor, now, usable, own }: AcceptRules, location: string): NewEvent {
  assertPublishable(draft.type, `${location}.type`, own);
  const faults = [
    ...timeFaults(draft.occurredAt, now).map((message) => ({ location: `${location}.occurred_at`, message })),
    ...sizeFaults(draft.data).map((message) => ({ location: `${location}.data`, message })),
  ];
  const { workspaceId } = draft;
  if (workspaceId !== null && workspaceId !== actor.workspaceId && !usable.has(workspaceId))
    faults.push(workspaceFault(`${location}.workspace_id`));
  if (faults.length > 0) throw new AppError('validation_failed', { detail: 'The event cannot be published as it is.', fields: faults });
  return {
    type: draft.type,
    data: draft.data,
    occurredAt: draft.occurredAt ?? now,
    workspaceId: workspaceId ?? actor.workspaceId,
    channels: draft.channels,
  };
}

function timeFaults(occurredAt: Date | null, now: Date): string[] {
  if (occurredAt === null) return [];
  const ahead = occurredAt.getTime() - now.getTime();
  if (ahead > FUTURE_MS) return ['lies in the future: at most 5 minutes ahead are accepted, for clocks that differ'];
  return ahead < -PAST_MS ? ['lies more than 366 days in the past'] : [];
}

function sizeFaults(data: object): string[] {
  const bytes = Buffer.byteLength(JSON.stringify(data));
  return bytes > MAX_DATA_BYTES
    ? [`has ${bytes} bytes as JSON; at most ${MAX_DATA_BYTES} are accepted. Publish a reference to large content instead.`]
    : [];
}
