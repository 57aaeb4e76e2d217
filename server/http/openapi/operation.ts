import { ERROR_CODES } from '../../../services/errors/codes.ts';
import type { ErrorCodeName } from '../../../services/errors/codes.ts';
import { AppError } from '../../../services/errors/AppError.ts';
import { errorsOf } from '../errorsOf.ts';
import { ownOrganizationOnly } from '../mounts.ts';
import { problemOf } from '../problem.ts';
import type { Route } from '../route.ts';
import { PROBLEM_EXAMPLES } from './problemSchema.ts';
import type { Components, JsonSchema } from './schemas.ts';

const EXAMPLE_REQUEST_ID = 'req_01jb8z6q3kf3tvxk6n9m2w4h5r';
const header = (name: string) => ({ [name]: { $ref: `#/components/headers/${name}` } });

/** One operation of the document. */
export function describeOperation(route: Route, components: Components): JsonSchema {
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.description && { description: route.description }),
    tags: tagsOf(route),
    ...securityOf(route),
    parameters: parametersOf(route, components),
    ...(route.body && { requestBody: requestBodyOf(route, components) }),
    responses: { ...successes(route, components), ...failures(route) },
  };
}

/** Without a word of its own an operation takes an API key or an access token. */
function securityOf({ permission, signedIn, anyCredential }: Route): JsonSchema {
  if (permission) return { 'x-permission': permission };
  if (anyCredential) return {};
  return { security: signedIn ? [{ session: [] }] : [] };
}

export const tagsOf = (route: Route): string[] => route.tags ?? [route.operationId.split('.')[0]!];

function parametersOf(route: Route, components: Components): JsonSchema[] {
  const parameters = [...fieldsAs('path', route.params, components), ...fieldsAs('query', route.query, components)];
  if (ownOrganizationOnly(route)) parameters.unshift({ $ref: '#/components/parameters/OrganizationId' });
  if (route.permission || route.anyCredential) parameters.push({ $ref: '#/components/parameters/Workspace' });
  if (route.idempotent) parameters.push({ $ref: '#/components/parameters/IdempotencyKey' });
  if (isSingleRead(route)) parameters.push({ $ref: '#/components/parameters/IfNoneMatch' });
  return parameters;
}

function fieldsAs(place: 'path' | 'query', schema: Route['params'], components: Components): JsonSchema[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = components.describe(schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...field }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description !== undefined && { description }),
    schema: field,
  }));
}

function requestBodyOf(route: Route, components: Components): JsonSchema {
  const example = route.examples?.body;
  return {
    required: !route.body!.safeParse(undefined).success,
    content: {
      'application/json': { schema: components.describe(route.body!, 'input'), ...(example !== undefined && { example }) },
    },
  };
}

function successes(route: Route, components: Components): JsonSchema {
  const entries = Object.entries(route.responses).map(([status, schema]) => {
    const example = route.examples?.responses?.[Number(status)];
    const empty = schema.safeParse(undefined).success;
    const content = { 'application/json': { schema: components.describe(schema, 'output'), ...(example !== undefined && { example }) } };
    return [status, { description: DESCRIPTIONS[status] ?? 'Done.', headers: successHeaders(route), ...(!empty && { content }) }];
  });
  const notModified = { 304: { description: 'Unchanged since the ETag that was sent.', headers: header('ETag') } };
  return { ...Object.fromEntries(entries), ...(isSingleRead(route) && notModified) };
}

const DESCRIPTIONS: Record<string, string> = {
  200: 'Done.',
  201: 'Created.',
  202: 'Accepted: it will be done, whatever happens to this process.',
  204: 'Done; there is nothing to tell.',
  503: 'A service is not available.',
};

const successHeaders = (route: Route): JsonSchema => ({
  ...header('X-Request-Id'),
  ...(!route.public && { ...header('RateLimit-Policy'), ...header('RateLimit') }),
  ...(!route.public && !route.signedIn && { ...header('Deprecation'), ...header('Sunset') }),
  ...(isSingleRead(route) && header('ETag')),
  ...(route.idempotent && header('Idempotency-Replayed')),
});

/** One response for each status, with an example for each code that it can carry. */
function failures(route: Route): JsonSchema {
  const byStatus = new Map<number, ErrorCodeName[]>();
  for (const code of errorsOf(route)) {
    const { status } = ERROR_CODES[code];
    if (!(status in route.responses)) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, failure(status, codes)]));
}

/** The codes in words; what each answer looks like stands once for all operations, in the components. */
function failure(status: number, codes: ErrorCodeName[]): JsonSchema {
  const examples = Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
  const waits = codes.some((code) => ERROR_CODES[code].retryable);
  return {
    description: codes.map((code) => `\`${code}\`: ${ERROR_CODES[code].title}.`).join('\n\n'),
    headers: { ...header('X-Request-Id'), ...(waits && header('Retry-After')), ...(status === 401 && header('WWW-Authenticate')) },
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, examples } },
  };
}

/** What each code answers, with the sentence that says what to do. */
export const failureExamples = (): Record<string, JsonSchema> =>
  Object.fromEntries(
    (Object.keys(ERROR_CODES) as ErrorCodeName[]).map((code) => {
      const { detail, ...extensions } = PROBLEM_EXAMPLES[code] ?? {};
      const error = new AppError(code, { ...(detail !== undefined && { detail }), extensions });
      return [code, { summary: ERROR_CODES[code].title, value: problemOf(error, EXAMPLE_REQUEST_ID) }];
    }),
  );

const isSingleRead = ({ method, path }: Route): boolean => method === 'GET' && path.endsWith('}');
