import { expect } from 'chai';
import { join } from 'node:path';
import { readdirSync, readFileSync } from 'node:fs';
import { importFault } from './support/importFaults.ts';
import { importCycles, importGraph } from './support/importGraph.ts';
import { layOut, lintTree, removeTree } from './support/lintTree.ts';
import { projectRoot, read, sourceFiles } from './support/sources.ts';
import { syntaxOf } from './support/syntax.ts';
import type { Import } from './support/syntax.ts';

const FIXTURES = join(projectRoot, 'tests/guards/fixtures');
const manifest = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
const devOnly = new Set(Object.keys(manifest.devDependencies));

interface Fixture {
  path: string;
  text: string;
  lint: string[];
  scan: string[];
}

const fixtures = readdirSync(FIXTURES).flatMap((rule) => fixturesIn(join(FIXTURES, rule)));

describe('imports', () => {
  describe('what the lint refuses', () => {
    let tree: string;
    let refused: Map<string, Set<string>>;

    before(function () {
      this.timeout(60_000);
      tree = layOut(FIXTURES);
      refused = lintTree(tree);
    });
    after(() => removeTree(tree));

    for (const { path, lint } of fixtures.filter((fixture) => fixture.lint.length > 0)) {
      it(`${path}: ${lint.join(', ')}`, () => expect([...(refused.get(path) ?? [])]).to.include.members(lint));
    }

    it('and nothing else: every allowed fixture passes', () => {
      const wronglyRefused = fixtures.filter(({ path, lint }) => lint.length === 0 && refused.has(path));
      expect(wronglyRefused.map(({ path }) => `${path}: ${[...(refused.get(path) ?? [])].join(', ')}`)).to.deep.equal([]);
    });
  });

  describe('what the import table refuses', () => {
    for (const { path, text, scan } of fixtures.filter((fixture) => fixture.scan.length > 0)) {
      it(`${path}: ${scan.join(', ')}`, () => {
        const faults = faultsOf(path, syntaxOf(path, text).imports).join('\n');
        for (const expected of scan) expect(faults).to.include(expected);
      });
    }

    it('and nothing else: every other fixture passes', () => {
      const others = fixtures.filter((fixture) => fixture.scan.length === 0);
      expect(others).to.have.length.greaterThan(5);
      expect(others.flatMap(({ path, text }) => faultsOf(path, syntaxOf(path, text).imports))).to.deep.equal([]);
    });
  });

  describe('the project', () => {
    const imports = new Map(sourceFiles().map((path): [string, Import[]] => [path, syntaxOf(path, read(path)).imports]));

    it('keeps to the import table in every file', () => {
      expect([...imports].flatMap(([path, list]) => faultsOf(path, list))).to.deep.equal([]);
    });

    it('has no import cycle', () => {
      const graph = importGraph(imports);
      const edges = [...graph.values()].reduce((sum, targets) => sum + targets.length, 0);
      console.log(`      ${graph.size} files, ${edges} imports between them`);
      expect(importCycles(graph)).to.deep.equal([]);
    });

    it('would notice a cycle', () => {
      const cyclic = new Map(fixtures.map(({ path, text }): [string, Import[]] => [path, syntaxOf(path, text).imports]));
      expect(importCycles(importGraph(cyclic)).map((cycle) => cycle.join(' → '))).to.deep.equal([
        'services/loop/first.ts → services/loop/second.ts → services/loop/first.ts',
      ]);
    });
  });
});

function faultsOf(path: string, imports: Import[]): string[] {
  return imports.flatMap((each) => {
    const fault = importFault(path, each, devOnly);
    return fault === null ? [] : [`${path}:${each.line} ${fault}`];
  });
}

function fixturesIn(root: string): Fixture[] {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.map((name) => {
    const text = readFileSync(join(root, name), 'utf8');
    const claims = (kind: string): string[] => [...text.matchAll(new RegExp(`^// ${kind}: (.+)$`, 'gm'))].map((match) => match[1] ?? '');
    return { path: name.replaceAll('\\', '/'), text, lint: claims('lint'), scan: claims('scan') };
  });
}
