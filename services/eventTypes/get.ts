import { EventTypeVersion } from '../../db/models/EventTypeVersion.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { builtIn } from './list.ts';
import type { KnownEventType } from './list.ts';
import { EVENT_TYPES } from './registry.ts';
import type { JsonSchema } from './schema/compile.ts';

export interface EventTypeDetail extends KnownEventType {
  schema: JsonSchema | null;
  /** Newest first; empty for a built-in type. */
  versions: { version: number; createdAt: Date }[];
}

/** A type in its newest version, or in the one that is asked for. Throws not_found. */
export async function getEventType({ trx, actor }: TenantContext, name: string, version: number | null): Promise<EventTypeDetail> {
  const known = EVENT_TYPES.get(name);
  if (known && version === null) return { ...builtIn(known), schema: null, versions: [] };
  const own = { org_id: actor.orgId, name };
  const versions = await EventTypeVersion.query(trx).select('version', 'created_at').where(own).orderBy('version', 'desc');
  const wanted = version ?? versions[0]?.version;
  const type = wanted === undefined ? undefined : await EventTypeVersion.query(trx).findOne({ ...own, version: wanted });
  if (!type) throw new AppError('not_found');
  const { description, schema, createdAt } = type;
  return { name, kind: 'custom', description, version: type.version, hasSchema: schema !== null, createdAt, schema, versions };
}
