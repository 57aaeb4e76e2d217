import { dirname, join } from 'node:path/posix';
import { builtinModules } from 'node:module';
import { IN_A_PACKAGE, IN_THE_SANDBOX, KERNEL_AS_TYPE_IN_SERVICES, MAY_IMPORT, PACKAGE_RULES, roomOf } from './rooms.ts';
import type { Import } from './syntax.ts';

const BUILTINS = new Set(builtinModules);

/** The project path an import leads to; null for a package. */
export function targetOf(path: string, specifier: string): string | null {
  return specifier.startsWith('.') ? join(dirname(path), specifier) : null;
}

/** What is wrong with one import of one file, in words; null when it is allowed. */
export function importFault(path: string, each: Import, devOnly: ReadonlySet<string> = new Set()): string | null {
  const target = targetOf(path, each.specifier);
  if (target !== null) return roomFault(path, target, each);
  if (!each.specifier.startsWith('node:') && BUILTINS.has(each.specifier)) return `write node:${each.specifier}`;
  return packageFault(path, each, devOnly);
}

function roomFault(path: string, target: string, each: Import): string | null {
  if (!target.endsWith('.ts')) return null;
  const [from, to] = [roomOf(path), roomOf(target)];
  if (from === null) return 'this file is in no declared room';
  if (to === null) return `${target} is in no declared room`;
  const edge = MAY_IMPORT[from][to];
  if (edge === undefined) return `${from} must not import ${to} (${target})`;
  if (each.typeOnly) return null;
  if (edge === 'type') return `${from} may import only types of ${to} (${target})`;
  if (from === 'services' && KERNEL_AS_TYPE_IN_SERVICES.test(target)) return `services take ${target} as a parameter: import the type`;
  return null;
}

function packageFault(path: string, each: Import, devOnly: ReadonlySet<string>): string | null {
  const name = packageName(each.specifier);
  const room = roomOf(path);
  if (room === 'workflow' || room === 'contract') {
    if (!IN_THE_SANDBOX.test(name)) return `${name} has no place in the workflow sandbox`;
  }
  if (room === 'package' && !IN_A_PACKAGE.test(name)) return `${name}: a published package has no dependencies`;
  if (room !== 'tests' && !each.typeOnly && devOnly.has(name)) return `${name} is a development dependency`;
  // The tests of a published package may use what all tests may.
  const place = path.replace(/^packages\/[^/]+\/(?=tests\/)/, '');
  const rule = PACKAGE_RULES.find((candidate) => candidate.packages.test(name));
  if (!rule) return null;
  if (rule.only?.in.test(path) && !each.typeOnly) {
    const wrong = each.names.filter((imported) => !rule.only?.names.test(imported));
    if (wrong.length > 0 || each.names.length === 0) return `of ${name} this file may not import ${wrong.join(', ') || 'everything'}`;
  }
  const allowed = rule.value.test(place) || (each.typeOnly && rule.type?.test(place) === true);
  return allowed ? null : `${name} belongs to another room${rule.type?.test(place) ? ': import its types only' : ''}`;
}

function packageName(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
