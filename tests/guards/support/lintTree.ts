import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from './sources.ts';

interface Diagnostic {
  code: string;
  filename: string;
}

/** Lays every `<rule>/…` folder of fixtures over one tree that looks like the project, so that the project's own overrides meet it. */
export function layOut(fixtures: string): string {
  const tree = mkdtempSync(join(tmpdir(), 'artisan-lint-'));
  for (const rule of readdirSync(fixtures)) cpSync(join(fixtures, rule), tree, { recursive: true, force: false, errorOnExist: true });
  for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) copyFileSync(join(projectRoot, file), join(tree, file));
  symlinkSync(join(projectRoot, 'node_modules'), join(tree, 'node_modules'), 'dir');
  return tree;
}

/** The rules that oxlint reports for each file of a tree, run with the very configuration of the project. */
export function lintTree(tree: string): Map<string, Set<string>> {
  const oxlint = join(projectRoot, 'node_modules', 'oxlint', 'bin', 'oxlint');
  // Named folders, not '.': outside a git repository oxlint would walk node_modules too.
  const rooms = readdirSync(tree, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const run = spawnSync(process.execPath, [oxlint, '-f', 'json', ...rooms.map((room) => room.name)], {
    cwd: tree,
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 1 << 26,
  });
  const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: Diagnostic[] };
  const rules = new Map<string, Set<string>>();
  for (const { filename, code } of diagnostics) rules.set(filename, (rules.get(filename) ?? new Set()).add(code));
  return rules;
}

export const removeTree = (tree: string): void => rmSync(tree, { recursive: true, force: true });
