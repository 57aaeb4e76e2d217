import { eventTypeSummaries } from '../../db/queries/newestEventTypes.ts';
import type { TenantContext } from '../context.ts';
import type { Slice } from '../slice.ts';
import { EVENT_TYPES } from './registry.ts';
import type { EventTypeKind } from './registry.ts';

/** `custom`: the organization's own. */
export interface KnownEventType {
  name: string;
  kind: EventTypeKind | 'custom';
  description: string | null;
  /** null: built in. */
  version: number | null;
  hasSchema: boolean;
  createdAt: Date | null;
}

/** Built-in types in the order of the registry, then the organization's own by name. `after` is the name of a type. */
export async function listEventTypes({ trx, actor }: TenantContext, { after, fetch }: Slice): Promise<KnownEventType[]> {
  const own = await eventTypeSummaries(trx, actor.orgId);
  const all = [...[...EVENT_TYPES.values()].map(builtIn), ...own.map((type): KnownEventType => ({ ...type, kind: 'custom' }))];
  const start = after === null ? 0 : all.findIndex(({ name }) => name === after) + 1;
  return all.slice(start, start + fetch);
}

/** A type of the registry as the list shows it. */
export function builtIn({ name, kind, description }: { name: string; kind: EventTypeKind; description: string }): KnownEventType {
  return { name, kind, description, version: null, hasSchema: false, createdAt: null };
}
