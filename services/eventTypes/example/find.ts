import { newestEventTypes } from '../../../db/queries/newestEventTypes.ts';
import type { TenantContext } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { assertKnownEventType } from '../known.ts';
import { BUILT_IN_EXAMPLES } from './builtIn.ts';
import { generateExample } from './generate.ts';

/**
 * Data as an event of the type may carry it: for an organization's own type, data that satisfies its newest schema.
 * `location` is where the request named the type. Throws unknown_event_type, example_unavailable.
 */
export async function findExample(tenant: TenantContext, type: string, location: string): Promise<object> {
  const builtIn = Object.hasOwn(BUILT_IN_EXAMPLES, type) ? BUILT_IN_EXAMPLES[type] : undefined;
  if (builtIn) return builtIn;
  const [own] = await newestEventTypes(tenant.trx, tenant.actor.orgId, [type]);
  if (!own) await assertKnownEventType(tenant, type, location);
  if (!own?.schema) return { message: `An example of ${type}, which has no schema.` };
  const example = generateExample(own.schema);
  if ('data' in example) return example.data;
  throw new AppError('example_unavailable', {
    detail: `No data could be made that satisfies the schema of "${type}". Give the schema an "examples" list: its first valid entry is sent.`,
    fields: example.faults.map((fault) => ({ location, message: `${fault.location} ${fault.message}`.slice(0, 300) })),
  });
}
