/** Licences under which a production dependency may come: permissive, no duty on the product that uses it beyond attribution. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
  'WTFPL',
  'Zlib',
]);

/** Whether an SPDX expression leaves a choice that is allowed. `WITH` exceptions are refused: nobody has read them. */
export function licenceAllowed(expression: string): boolean {
  const text = expression.trim();
  const inner = /^\(([^()]*)\)$/.exec(text)?.[1];
  if (inner !== undefined) return licenceAllowed(inner);
  if (/\bOR\b/.test(text)) return text.split(/\bOR\b/).some(licenceAllowed);
  if (/\bAND\b/.test(text)) return text.split(/\bAND\b/).every(licenceAllowed);
  return ALLOWED.has(text);
}
