import type { Route } from './route.ts';

/** The JSON text of an answer, cut to the schema of its status. Throws when the body does not fit: a fault of ours, answered 500. */
export function presentAnswer(route: Route, status: number, body: unknown): string {
  const schema = route.responses[status] ?? Object.values(route.responses)[0];
  if (!schema) throw new Error(`${route.operationId} declares no responses`);
  const parsed = schema.safeParse(body);
  if (!parsed.success)
    throw new Error(`${route.operationId} answered ${status} with a body that its schema refuses`, { cause: parsed.error });
  return parsed.data === undefined ? '' : JSON.stringify(parsed.data);
}
