import { EventTypeVersion } from '../../db/models/EventTypeVersion.ts';
import { newestEventTypes } from '../../db/queries/newestEventTypes.ts';
import { newId } from '../../server/ids.ts';
import { assertWholeOrganization } from '../access/wholeOrganization.ts';
import { appendAudit } from '../audit/append.ts';
import type { TenantContext } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import { assertFreeName } from './name.ts';
import { assertSchema } from './schema/assert.ts';
import type { JsonSchema } from './schema/compile.ts';

export interface NewEventType {
  name: string;
  description: string | null;
  /** null: events of the type may hold anything. */
  schema: JsonSchema | null;
}

const MAX_TYPES = 500;
const MAX_VERSIONS = 100;

/**
 * Makes an event type of the organization's own, or the next version of one. Earlier versions are kept; the newest counts.
 * Throws permission_denied (in one workspace), validation_failed (schema), reserved_event_type, conflict (built-in, or too many).
 */
export async function createEventType(tenant: TenantContext, input: NewEventType): Promise<EventTypeVersion> {
  const { trx, actor, clock } = tenant;
  // Every workspace publishes by it.
  assertWholeOrganization(actor);
  assertFreeName(input.name);
  if (input.schema !== null) assertSchema(input.schema);
  // One after the other for each organization; NO KEY, because publishing must not wait for this.
  await trx('organizations').where({ id: actor.orgId }).forNoKeyUpdate().first('id');
  const before = await currentVersion(tenant, input.name);
  const created = await EventTypeVersion.query(trx).insertAndFetch({
    ...input,
    orgId: actor.orgId,
    id: newId(clock),
    version: (before?.version ?? 0) + 1,
    createdAt: clock.now(),
  });
  await appendAudit(tenant, {
    action: 'event_types.create',
    category: 'system_config',
    targets: [{ type: 'event_type', id: created.name }],
    ...(before && { before: describe(before) }),
    after: describe(created),
  });
  return created;
}

async function currentVersion({ trx, actor }: TenantContext, name: string): Promise<EventTypeVersion | undefined> {
  const [current] = await newestEventTypes(trx, actor.orgId, [name]);
  if (current && current.version >= MAX_VERSIONS) {
    throw new AppError('conflict', { detail: `"${name}" has ${MAX_VERSIONS} versions, which is the most. Make a type of another name.` });
  }
  if (current) return current;
  const [row] = await trx('event_types').where({ org_id: actor.orgId }).countDistinct<{ count: number }[]>('name as count');
  if (Number(row?.count ?? 0) < MAX_TYPES) return undefined;
  throw new AppError('conflict', { detail: `An organization has at most ${MAX_TYPES} event types of its own.` });
}

/** The schema itself is kept with its version for ever, so the number says which it was. */
const describe = ({ version, description, schema }: EventTypeVersion): object => ({ version, description, has_schema: schema !== null });
