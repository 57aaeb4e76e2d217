import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const projectRoot = join(import.meta.dirname, '..', '..');

/** Every test file of the project, sorted; examples of bad code and the load scripts are none. */
export function testFiles(): string[] {
  const files = globSync('{tests,packages/*/tests}/**/*.test.ts', { cwd: projectRoot });
  return files.filter((file) => !/^tests\/(load|guards\/fixtures)\//.test(file)).toSorted();
}

/** The guards that read files only, no server: `npm run check` runs these. */
export function serverlessGuards(): string[] {
  return testFiles().filter((file) => file.startsWith('tests/guards/') && !needsServer(file));
}

function needsServer(file: string): boolean {
  return /useDatabase|support\/(servers|database|api)|TEST_(POSTGRES|TEMPORAL)/.test(readFileSync(join(projectRoot, file), 'utf8'));
}
