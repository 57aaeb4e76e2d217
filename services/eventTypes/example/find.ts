import { newestEventTypes } from '../../../db/queries/newestEventTypes.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { assertKnownEventType } from '../known.ts';
import { BUILT_IN_EXAMPLES } from './builtIn.ts';
import type { ExampleMaker, SchemaVersion } from './maker.ts';

/** Data as an event of the type may carry it, or what it is to be made from. */
export type ExampleSource = { data: object } | { own: SchemaVersion };

/** What an example of the type is, for an own type by its newest version. `location` is where the request named it. Throws unknown_event_type. */
export async function findExample(tenant: TenantContext, type: string, location: string): Promise<ExampleSource> {
  const builtIn = Object.hasOwn(BUILT_IN_EXAMPLES, type) ? BUILT_IN_EXAMPLES[type] : undefined;
  if (builtIn) return { data: builtIn };
  const [own] = await newestEventTypes(tenant.trx, tenant.actor.orgId, [type]);
  if (!own) await assertKnownEventType(tenant, type, location);
  if (!own?.schema) return { data: { message: `An example of ${type}, which has no schema.` } };
  return { own: { id: own.id, orgId: own.orgId, schema: own.schema } };
}

/** Data that satisfies the schema. May take seconds: never inside a transaction. Throws example_unavailable, rate_limited, service_unavailable. */
export async function makeExample(maker: ExampleMaker, own: SchemaVersion, location: string): Promise<object> {
  const example = await maker.make(own);
  if ('data' in example) return example.data;
  throw new AppError('example_unavailable', {
    detail: 'No data could be made that satisfies the schema. Give the schema an "examples" list: its first valid entry is sent.',
    fields: example.faults.map((fault) => ({ location, message: `${fault.location} ${fault.message}`.slice(0, 300) })),
  });
}
