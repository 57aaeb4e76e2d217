import type { z } from 'zod';
import type { WebhookReplay } from '../../../../db/models/WebhookReplay.ts';
import { typeId } from '../../../ids.ts';
import type { Replay } from './replaySchemas.ts';

export function presentReplay(replay: WebhookReplay): z.input<typeof Replay> {
  return {
    id: typeId('rpl', replay.id),
    webhook_id: typeId('whk', replay.endpointId),
    status: replay.status,
    reason: replay.reason,
    since: replay.since?.toISOString() ?? null,
    until: replay.until.toISOString(),
    event_types: replay.eventTypes,
    statuses: replay.statuses,
    missing: replay.missing,
    per_second: replay.perSecond,
    matching: replay.matching,
    replayed: replay.replayed,
    created_at: replay.createdAt.toISOString(),
    updated_at: replay.updatedAt.toISOString(),
    finished_at: replay.finishedAt?.toISOString() ?? null,
  };
}
