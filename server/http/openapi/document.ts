import { canonicalPath } from '../mounts.ts';
import type { Route } from '../route.ts';
import { VERSION } from '../version.ts';
import { HEADERS, PARAMETERS, SECURITY_SCHEMES } from './components.ts';
import { describeOperation, failureExamples, tagsOf } from './operation.ts';
import { ProblemSchema } from './problemSchema.ts';
import { Components } from './schemas.ts';
import type { JsonSchema } from './schemas.ts';

const DESCRIPTION = `Publish events, and have them delivered to your endpoints: durably, signed, with retries, and with every attempt on record.

Every path also answers under \`/api\`. Where a path begins with \`/api/v1/admin/\`, the organization may be named: \`/api/v1/admin/{tenant_id}/…\`
is the same resource when \`tenant_id\` is the credential's own organization, as \`organization_id\` always has to be.
API keys and webhooks also answer under \`/api/v1/organizations/{organization_id}/api-keys\` and \`…/webhooks\`, with all that is below them.
With the header \`X-Workspace\` a request acts in one workspace.

Ids are opaque text. Times are RFC 3339 in UTC. A field that an operation does not know is refused. Failures are problems as in RFC 9457: look at \`code\`.`;

const TAGS: Record<string, string> = {
  events: 'Something that happened, published once and delivered to every endpoint that subscribes to its type.',
  event_types: 'What events can be: the built-in types and those of an organization, with the schemas that publishing checks.',
  auth: 'Who signs in: accounts, passwords, sessions and their tokens.',
  mfa: 'Second factors: authenticator apps, passkeys and security keys, recovery codes; and proving them.',
  webhooks: 'Where events go: endpoints, their deliveries and each attempt.',
  organizations: 'Customers: who they are, their settings, limits and figures, and how one changes hands and ends.',
  workspaces: 'Parts of an organization that keys, endpoints, events and roles can be bound to.',
  domains: 'Domains that an organization has proven to be its own, and whether people with such an address may join.',
  invitations: 'Asking people to join, by a mail that is good for one address.',
  members: 'The people of an organization, their roles, and where each role comes from.',
  workspace_members: 'Who has roles in a single workspace.',
  users: 'The people of an organization as administrators see them.',
  roles: 'Named sets of permissions: the built-in ones and those of an organization.',
  permissions: 'What there is to be allowed, and what the one who asks may do.',
  api_keys: 'Credentials of programs: what they may do, from where, until when, and what they were used for.',
  leak_reports: 'Secrets that others found where strangers can read them.',
  health: 'How this installation is.',
};

/** The OpenAPI 3.1 document of these routes. `serverUrl` is where clients reach the API; by default where the document came from. */
export function openApiDocument(routes: readonly Route[], serverUrl = '/'): JsonSchema {
  const components = new Components();
  const paths: Record<string, JsonSchema> = {};
  for (const route of routes) {
    const path = canonicalPath(route);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeOperation(route, components) };
  }
  components.describe(ProblemSchema, 'output');
  return {
    openapi: '3.1.0',
    info: {
      title: 'Artisan Platform',
      version: VERSION,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: serverUrl }],
    security: [{ bearer: [] }, { api_key: [] }],
    tags: [...new Set(routes.flatMap(tagsOf))].map((name) => ({ name, ...(TAGS[name] && { description: TAGS[name] }) })),
    paths,
    components: {
      schemas: sorted(components.schemas),
      examples: used(failureExamples(), 'examples', paths),
      headers: used(HEADERS, 'headers', paths),
      parameters: used(PARAMETERS, 'parameters', paths),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const sorted = (schemas: Record<string, JsonSchema>): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => a.localeCompare(b)));

/** Those that some operation points at. */
function used<T>(all: Record<string, T>, kind: string, paths: Record<string, JsonSchema>): Record<string, T> {
  const text = JSON.stringify(paths);
  return Object.fromEntries(Object.entries(all).filter(([name]) => text.includes(`"#/components/${kind}/${name}"`)));
}
