import type { Route } from './route.ts';

/** One path under which a route answers. */
export interface Mount {
  route: Route;
  path: string;
  /** `{tenant_id}` or `{organization_id}` stands in the path and must be the credential's organization. */
  tenantInPath: boolean;
}

/** Both are the current version. */
const BASES = ['/api/v1', '/api'];
/** The same resource under a second name: every path that begins with the first also answers under the second. */
const ALSO_AT: [prefix: string, alias: string][] = [
  ['/admin/', '/admin/{tenant_id}/'],
  ['/admin/api-keys', '/organizations/{organization_id}/api-keys'],
  ['/admin/webhooks', '/organizations/{organization_id}/webhooks'],
];
const TENANT_IN_PATH = /\{(?:tenant|organization)_id\}/;
/** For probes that know no API: outside of every base. */
const AT_ROOT: Record<string, string> = {
  '/health': '/health',
  '/health/readiness': '/health/ready',
  '/.well-known/jwks.json': '/.well-known/jwks.json',
};

/** The path that the documentation gives. */
export const canonicalPath = ({ path }: Route): string => BASES[0]! + path;

/** Every path of every route: one declaration, mounted by one rule. The first of a route is its canonical one. */
export function mountsOf(routes: readonly Route[]): Mount[] {
  return routes.flatMap((route) => pathsOf(route).map((path) => ({ route, path, tenantInPath: namesTenant(route, path) })));
}

/** A route that reads the organization's id itself is about one that its caller need not be in: to restore a deleted one. */
const namesTenant = ({ params }: Route, path: string): boolean =>
  TENANT_IN_PATH.test(path) && !(params !== undefined && 'organization_id' in params.shape);

/** Whether the path of the documentation names the organization, and that has to be the credential's own. */
export const ownOrganizationOnly = (route: Route): boolean => namesTenant(route, route.path);

function pathsOf({ path }: Route): string[] {
  const aliases = ALSO_AT.filter(([prefix]) => isBelow(path, prefix)).map(([prefix, alias]) => alias + path.slice(prefix.length));
  const based = [path, ...aliases].flatMap((each) => BASES.map((base) => base + each));
  const atRoot = AT_ROOT[path];
  return atRoot === undefined ? based : [...based, atRoot];
}

const isBelow = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) && (prefix.endsWith('/') || path.length === prefix.length || path[prefix.length] === '/');
