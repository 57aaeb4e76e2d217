export interface JsonFault {
  /** Zero-based, in characters. */
  position: number;
  /** One-based. */
  line: number;
  column: number;
  message: string;
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR =
  /"(?:[\x20\x21\x23-\x5b\x5d-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\d.])|true|false|null/y;

type Expectation = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or }' | ', or ]' | 'end';

const MESSAGES: Record<Expectation, string> = {
  value: 'Expected a JSON value',
  'value or ]': 'Expected a JSON value or "]"',
  name: 'Expected a name in double quotes',
  'name or }': 'Expected a name in double quotes or "}"',
  ':': 'Expected ":"',
  ', or }': 'Expected "," or "}"',
  ', or ]': 'Expected "," or "]"',
  end: 'Expected nothing more',
};

/**
 * Where a text stops being JSON. JSON.parse leaves the position out of some of its messages, and its wording is no interface;
 * this runs only after it refused, so speed does not matter. Works with a stack of its own, not by recursion.
 */
export function findJsonFault(text: string): JsonFault {
  const open: ('{' | '[')[] = [];
  let expected: Expectation = 'value';
  let at = 0;
  const afterValue = (): Expectation => (open.length === 0 ? 'end' : open.at(-1) === '{' ? ', or }' : ', or ]');
  for (;;) {
    at = matchAt(SPACE, text, at);
    const next = step(text, at, expected, open, afterValue);
    if (next === null) return describe(text, at, expected);
    [at, expected] = next;
  }
}

function step(
  text: string,
  at: number,
  expected: Expectation,
  open: ('{' | '[')[],
  afterValue: () => Expectation,
): [number, Expectation] | null {
  const char = text[at];
  const closes = char === '}' ? ['name or }', ', or }'] : char === ']' ? ['value or ]', ', or ]'] : [];
  if (closes.includes(expected)) {
    open.pop();
    return [at + 1, afterValue()];
  }
  if (expected === ':') return char === ':' ? [at + 1, 'value'] : null;
  if (expected === ', or }' || expected === ', or ]') return char === ',' ? [at + 1, expected === ', or }' ? 'name' : 'value'] : null;
  if (expected === 'name' || expected === 'name or }') return char === '"' ? scalar(text, at, ':') : null;
  if (expected === 'end') return null;
  if (char === '{' || char === '[') {
    open.push(char);
    return [at + 1, char === '{' ? 'name or }' : 'value or ]'];
  }
  return scalar(text, at, afterValue());
}

function scalar(text: string, at: number, next: Expectation): [number, Expectation] | null {
  const end = matchAt(SCALAR, text, at);
  return end === at ? null : [end, next];
}

function matchAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function describe(text: string, position: number, expected: Expectation): JsonFault {
  const before = text.slice(0, position).split('\n');
  const brokenString = text[position] === '"' && expected !== 'end' && expected !== ':' && !expected.startsWith(',');
  const found = position >= text.length ? 'the end of the body' : JSON.stringify(String.fromCodePoint(text.codePointAt(position)!));
  return {
    position,
    line: before.length,
    column: before.at(-1)!.length + 1,
    message: brokenString
      ? 'This string is not closed, or holds a control character or an unknown escape; it begins'
      : `${MESSAGES[expected]}, found ${found}`,
  };
}
