import { expect } from 'chai';
import { BUDGET_EXCEPTIONS } from './support/exceptions.ts';
import { read, sourceFiles } from './support/sources.ts';
import { syntaxOf } from './support/syntax.ts';

const MAX_MEDIAN = 100;
const MAX_FILE = 250;
const MAX_WORKFLOW_FILE = 200;
const MAX_FUNCTION = 50;
/** Callbacks that group tests: their length is that of the file. */
const GROUPS = new Set(['describe']);

interface Measured {
  path: string;
  function?: string;
  lines: number;
  max: number;
}

const files = sourceFiles().map((path) => ({ path, text: read(path) }));
const fileSizes: Measured[] = files.map(({ path, text }) => ({
  path,
  lines: text.split('\n').length - 1,
  max: path.startsWith('workflows/') ? MAX_WORKFLOW_FILE : MAX_FILE,
}));
const functionSizes: Measured[] = files.flatMap(({ path, text }) =>
  syntaxOf(path, text)
    .functions.filter(({ callee }) => !GROUPS.has(callee))
    .map(({ name, lines }) => ({ path, function: name, lines, max: MAX_FUNCTION })),
);

describe('budgets', () => {
  for (const [room, sizes] of [
    ['source', fileSizes.filter(({ path }) => !path.startsWith('tests/'))],
    ['tests', fileSizes.filter(({ path }) => path.startsWith('tests/'))],
  ] as const) {
    it(`the median file of ${room} has at most ${MAX_MEDIAN} lines`, () => {
      console.log(`      ${room}: ${figures(sizes)}`);
      expect(quantile(sizes, 0.5)).to.be.at.most(MAX_MEDIAN);
    });
  }

  it(`no file has more than ${MAX_FILE} lines, no workflow more than ${MAX_WORKFLOW_FILE}`, () => {
    expect(overBudget(fileSizes)).to.deep.equal([]);
  });

  it(`no function has more than ${MAX_FUNCTION} lines`, () => {
    console.log(`      functions: ${figures(functionSizes)}`);
    expect(overBudget(functionSizes)).to.deep.equal([]);
  });

  it('every exception is needed and says why', () => {
    console.log(`      ${BUDGET_EXCEPTIONS.length} exceptions`);
    const all = [...fileSizes, ...functionSizes];
    const idle = BUDGET_EXCEPTIONS.filter((exception) => !all.some((each) => concerns(exception, each) && each.lines > each.max));
    expect(idle).to.deep.equal([]);
    expect(BUDGET_EXCEPTIONS.filter(({ reason }) => reason.length < 20)).to.deep.equal([]);
  });

  it('would notice a long function, whatever way it is written', () => {
    const body = 'x();\n'.repeat(MAX_FUNCTION);
    for (const text of [
      `function f() {\n${body}}`,
      `const f = () => {\n${body}};`,
      `class C { f() {\n${body}} }`,
      `later(() => {\n${body}});`,
    ]) {
      expect(Math.max(...syntaxOf('example.ts', text).functions.map(({ lines }) => lines)), text.slice(0, 20)).to.equal(MAX_FUNCTION + 2);
    }
  });
});

function overBudget(sizes: Measured[]): string[] {
  return sizes
    .filter((each) => each.lines > (BUDGET_EXCEPTIONS.find((exception) => concerns(exception, each))?.maxLines ?? each.max))
    .map((each) => `${each.path} ${each.function ?? ''}: ${each.lines} lines, at most ${each.max}`);
}

const concerns = (exception: { path: string; function?: string }, each: Measured): boolean =>
  exception.path === each.path && exception.function === each.function;

function quantile(sizes: Measured[], share: number): number {
  const sorted = sizes.map(({ lines }) => lines).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function figures(sizes: Measured[]): string {
  const total = sizes.reduce((sum, { lines }) => sum + lines, 0);
  return `${sizes.length} of ${total} lines; median ${quantile(sizes, 0.5)}, p90 ${quantile(sizes, 0.9)}, longest ${quantile(sizes, 1)}`;
}
