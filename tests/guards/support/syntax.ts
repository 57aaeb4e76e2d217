import { parseSync } from 'oxc-parser';

/** One import, re-export or dynamic import. `typeOnly`: nothing of it exists at run time. `names`: empty for `*` and bare imports. */
export interface Import {
  specifier: string;
  typeOnly: boolean;
  names: string[];
  line: number;
}

export interface FunctionSpan {
  name: string;
  /** What it is an argument of (`describe`, `setTimeout`); empty when of nothing. */
  callee: string;
  line: number;
  lines: number;
}

export interface Syntax {
  imports: Import[];
  functions: FunctionSpan[];
}

interface Node {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Imports and functions of one TypeScript file, read off its syntax tree. Throws on a syntax error. */
export function syntaxOf(path: string, text: string): Syntax {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const lineAt = lineCounter(text);
  const found: Syntax = { imports: [], functions: [] };
  visit(program as unknown as Node, { name: '', callee: '' }, (node, { name, callee }) => {
    const imported = importOf(node, lineAt);
    if (imported) found.imports.push(imported);
    if (FUNCTIONS.has(node.type)) {
      const line = lineAt(node.start);
      found.functions.push({ name: ownName(node) || name || 'anonymous', callee, line, lines: lineAt(node.end) - line + 1 });
    }
  });
  return found;
}

function importOf(node: Node, lineAt: (offset: number) => number): Import | null {
  const source = (node['source'] ?? node['argument']) as (Node & { value?: unknown; literal?: { value?: unknown } }) | null | undefined;
  const specifier = source?.value ?? source?.literal?.value;
  if (typeof specifier !== 'string') return null;
  const line = lineAt(node.start);
  switch (node.type) {
    case 'ImportDeclaration':
      return { specifier, line, ...entries(node['importKind'], node['specifiers'] as Node[], 'importKind', 'imported') };
    case 'ExportNamedDeclaration':
      return { specifier, line, ...entries(node['exportKind'], node['specifiers'] as Node[], 'exportKind', 'local') };
    case 'ExportAllDeclaration':
      return { specifier, line, typeOnly: node['exportKind'] === 'type', names: [] };
    case 'ImportExpression':
      return { specifier, line, typeOnly: false, names: [] };
    case 'TSImportType':
      return { specifier, line, typeOnly: true, names: [] };
    default:
      return null;
  }
}

function entries(kind: unknown, specifiers: Node[], kindKey: string, nameKey: string): Pick<Import, 'typeOnly' | 'names'> {
  const values = specifiers.filter((each) => each[kindKey] !== 'type');
  const typeOnly = kind === 'type' || (specifiers.length > 0 && values.length === 0);
  const names = values.map((each) => (each[nameKey] as { name?: string; value?: string } | undefined)?.name ?? '*');
  return { typeOnly, names: typeOnly ? [] : names };
}

interface Surroundings {
  name: string;
  callee: string;
}

function visit(node: Node, around: Surroundings, see: (node: Node, around: Surroundings) => void): void {
  see(node, around);
  const isCall = node.type === 'CallExpression';
  const within = { name: ownName(node) || (isCall ? around.name : ''), callee: isCall ? calleeName(node['callee'] as Node) : '' };
  for (const child of Object.values(node)) {
    for (const each of Array.isArray(child) ? child : [child]) {
      if (isNode(each)) visit(each, within, see);
    }
  }
}

function calleeName(callee: Node): string {
  if (callee.type === 'MemberExpression') return calleeName(callee['object'] as Node);
  return typeof callee['name'] === 'string' ? callee['name'] : '';
}

function ownName(node: Node): string {
  const named = (node['id'] ?? node['key']) as { name?: unknown } | null | undefined;
  return typeof named?.name === 'string' ? named.name : '';
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
