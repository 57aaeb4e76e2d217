import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Adds to package-lock.json the packages of other platforms that npm left out of it.
 * A registry mirror that serves only one platform makes npm drop the rest, and then `npm ci` refuses the lock on every machine.
 * Run after each `npm install` (`npm run lock:complete`); a guard fails when it was forgotten.
 */
export interface Lock {
  packages: Record<string, LockedPackage>;
}

export interface LockedPackage {
  version?: string;
  license?: string;
  dev?: boolean;
  resolved?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

interface MissingPackage {
  path: string;
  version: string;
  namedBy: LockedPackage;
}

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];

/** Optional packages that some locked package names and that have no entry of their own. */
export function missingPlatforms({ packages }: Lock): MissingPackage[] {
  return Object.values(packages).flatMap((namedBy) =>
    Object.entries(namedBy.optionalDependencies ?? {})
      .filter(([name, version]) => /^\d/.test(version) && !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)))
      .map(([name, version]) => ({ path: `node_modules/${name}`, version, namedBy })),
  );
}

function entryFor({ path, version, namedBy: { dev, license } }: MissingPackage): LockedPackage {
  const os = SYSTEMS.filter((system) => path.includes(system));
  const cpu = PROCESSORS.filter((processor) => new RegExp(`[-/]${processor}(-|$)`).test(path));
  const libc = path.includes('musl') ? { libc: ['musl'] } : path.includes('gnu') ? { libc: ['glibc'] } : {};
  if (os.length !== 1 || cpu.length !== 1) throw new Error(`Cannot read system and processor off the name of ${path}`);
  return { version, cpu, ...(dev ? { dev } : {}), ...libc, ...(license ? { license } : {}), optional: true, os };
}

function main(): void {
  const file = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock;
  const missing = missingPlatforms(lock);
  for (const each of missing) lock.packages[each.path] = entryFor(each);
  const { '': root, ...rest } = lock.packages;
  const sorted = Object.entries(rest).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: { '': root, ...Object.fromEntries(sorted) } }, null, 2)}\n`);
  process.stdout.write(`${missing.length} platform packages added\n`);
}

if (import.meta.main) main();
