/**
 * The import table of the house: who may import whom.
 * `value`: freely. `type`: `import type` only. Absent: never.
 */
export type Room = 'kernel' | 'errors' | 'db' | 'services' | 'http' | 'contract' | 'workflow' | 'activities' | 'root' | 'package' | 'tests';

export type Edge = 'value' | 'type';

const KERNEL = /^server\/(clock|ids|logger|config|metrics|reporterKeys)\.ts$/;

/** The room of a file, by its path from the project's root; null for a place nobody declared. */
export function roomOf(path: string): Room | null {
  if (KERNEL.test(path)) return 'kernel';
  if (/^services\/errors\/(AppError|codes|errorCode|mfaCodes)\.ts$/.test(path)) return 'errors';
  if (path.startsWith('services/')) return 'services';
  if (path.startsWith('db/')) return 'db';
  if (path.startsWith('server/http/') || path === 'server/app.ts') return 'http';
  if (/^server\/([a-zA-Z]+\.ts|local\/.+)$/.test(path)) return 'root';
  if (/^workflows\/.+\/contract\.ts$/.test(path)) return 'contract';
  if (path.startsWith('workflows/')) return 'workflow';
  if (/^activities\/(worker|deps)\.ts$/.test(path)) return 'root';
  if (path.startsWith('activities/')) return 'activities';
  if (/^packages\/[^/]+\/src\//.test(path)) return 'package';
  if (/^(packages\/[^/]+\/)?tests\//.test(path)) return 'tests';
  return null;
}

const everything: Partial<Record<Room, Edge>> = {
  kernel: 'value',
  errors: 'value',
  db: 'value',
  services: 'value',
  http: 'value',
  contract: 'value',
  activities: 'value',
  root: 'value',
};

export const MAY_IMPORT: Record<Room, Partial<Record<Room, Edge>>> = {
  kernel: { kernel: 'value' },
  errors: { errors: 'value' },
  db: { kernel: 'value', errors: 'value', db: 'value' },
  services: { kernel: 'value', errors: 'value', db: 'value', services: 'value', contract: 'value', workflow: 'type' },
  http: { kernel: 'value', errors: 'value', db: 'type', services: 'value', http: 'value', contract: 'type', root: 'type' },
  contract: { kernel: 'type', services: 'type', contract: 'value' },
  workflow: { kernel: 'type', errors: 'type', services: 'type', contract: 'value', workflow: 'value', activities: 'type' },
  activities: { kernel: 'value', errors: 'value', db: 'value', services: 'value', contract: 'value', activities: 'value', root: 'type' },
  root: everything,
  package: { package: 'value' },
  tests: { ...everything, package: 'value', workflow: 'value', tests: 'value' },
};

/** Of the kernel, services take these as parameters, so they import their types only. */
export const KERNEL_AS_TYPE_IN_SERVICES = /^server\/(logger|config|metrics)\.ts$/;

interface PackageRule {
  packages: RegExp;
  /** Files that may import it by value. */
  value: RegExp;
  /** Files that may import its types; absent: whoever may import the value. */
  type?: RegExp;
  /** When set, the only names that may be imported by value, in files that match `in`. */
  only?: { in: RegExp; names: RegExp };
}

const ROOT = String.raw`server/(local/.+|main|deps)\.ts|activities/(worker|deps)\.ts`;

/** npm packages that belong to rooms. A package that no rule names may be used anywhere but in workflows and contracts. */
export const PACKAGE_RULES: PackageRule[] = [
  {
    packages: /^(knex|objection|pg|pg-.+)$/,
    value: new RegExp(`^(db/|${ROOT}$|tests/)`),
    type: /^(db|services|server|activities|tests)\//,
  },
  { packages: /^(koa|@koa\/.+|koa-.+)$/, value: new RegExp(`^(server/http/|server/app\\.ts$|${ROOT}$|tests/)`) },
  { packages: /^zod$/, value: new RegExp(`^(server/|${ROOT}$|tests/)`) },
  {
    packages: /^@temporalio\/client$/,
    value: new RegExp(`^(services/(.+/)?lifecycle\\.ts$|${ROOT}$|tests/)`),
    type: /^(services|server|activities|tests)\//,
  },
  { packages: /^@temporalio\/(activity|worker)$/, value: /^(activities\/|server\/local\/|tests\/)/ },
  {
    packages: /^@temporalio\/workflow$/,
    value: /^(workflows|tests)\//,
    only: { in: /\/contract\.ts$/, names: /^define(Signal|Query|Update)$/ },
  },
  { packages: /^@temporalio\/common$/, value: /^(workflows|services|activities|server\/(local|main|deps)|tests)/ },
  { packages: /^@temporalio\/testing$/, value: /^(tests|server\/local)\// },
  { packages: /^openai$/, value: /^(activities\/llm|tests)\// },
];

/** What is published from packages/ runs at other people's: it has Node's own modules and nothing else, not even types of others. */
export const IN_A_PACKAGE = /^node:/;

/** Workflows and contracts run inside the sandbox: of npm they may use these and nothing else. */
export const IN_THE_SANDBOX = /^@temporalio\/(workflow|common)$/;
