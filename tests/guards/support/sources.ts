import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url));

const NOT_OURS = new Set(['node_modules', '.git', '.data', 'dist']);

/** Every file of the project, relative to its root: tracked or about to be; without git (a tarball), what lies there. */
export function projectFiles(root = projectRoot): string[] {
  try {
    const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return [...new Set(listed.split('\0').filter((path) => path !== ''))].filter(exists(root)).sort();
  } catch {
    return walk(root, root).sort();
  }
}

/** The TypeScript of the project without the known-bad fixtures. */
export function sourceFiles(root = projectRoot): string[] {
  return projectFiles(root).filter((path) => path.endsWith('.ts') && !path.startsWith('tests/guards/fixtures/'));
}

export const read = (path: string, root = projectRoot): string => readFileSync(join(root, path), 'utf8');

const exists =
  (root: string) =>
  (path: string): boolean => {
    try {
      readFileSync(join(root, path));
      return true;
    } catch {
      return false; // deleted, not yet committed
    }
  };

function walk(root: string, directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(directory, entry.name);
    return entry.isDirectory() ? walk(root, path) : [relative(root, path).replaceAll('\\', '/')];
  });
}
