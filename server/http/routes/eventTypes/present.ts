import type { z } from 'zod';
import type { EventTypeDetail } from '../../../../services/eventTypes/get.ts';
import type { KnownEventType } from '../../../../services/eventTypes/list.ts';
import type { EventTypeOut, EventTypeSummary } from './schemas.ts';

export function presentEventType({
  name,
  kind,
  description,
  version,
  hasSchema,
  createdAt,
}: KnownEventType): z.input<typeof EventTypeSummary> {
  return { name, kind, description, version, has_schema: hasSchema, created_at: createdAt?.toISOString() ?? null };
}

export function presentEventTypeDetail(detail: EventTypeDetail): z.input<typeof EventTypeOut> {
  const versions = detail.versions.map(({ version, createdAt }) => ({ version, created_at: createdAt.toISOString() }));
  return { ...presentEventType(detail), schema: detail.schema, versions };
}
