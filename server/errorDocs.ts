import { ERROR_CODES } from '../services/errors/codes.ts';
import type { ErrorCode } from '../services/errors/errorCode.ts';

/** `docs/errors.md`: every code a caller can meet, by status. */
export function errorDocs(): string {
  const codes = Object.entries<ErrorCode>(ERROR_CODES);
  const statuses = [...new Set(codes.map(([, { status }]) => status))].sort((a, b) => a - b);
  return [
    '# Errors',
    '',
    'Written by `npm run docs` from `services/errors/codes.ts`. Every error has the same body, `application/problem+json` (RFC 9457):',
    '',
    '```json',
    JSON.stringify(EXAMPLE, null, 2),
    '```',
    '',
    'Match on `code`: it does not change. `detail` is for people and may. A code marked *retry* may succeed unchanged after `Retry-After` seconds.',
    '',
    ...statuses.flatMap((status) => section(status, codes)),
  ].join('\n');
}

const EXAMPLE = {
  type: 'https://artisan.example/problems/validation_failed',
  title: ERROR_CODES.validation_failed.title,
  status: 400,
  code: 'validation_failed',
  detail: 'body.url: expected an https:// address',
  errors: [{ location: 'body.url', message: 'expected an https:// address' }],
  request_id: 'req_01kbknv3c8f5n9h6c1x2y3z4a5',
};

function section(status: number, codes: [string, ErrorCode][]): string[] {
  const rows = codes
    .filter(([, each]) => each.status === status)
    .map(
      ([name, { title, doc, retryable }]) => `| \`${name}\` | ${title}${retryable ? ' (*retry*)' : ''} | ${doc.replaceAll('|', '\\|')} |`,
    );
  return [`## ${status}`, '', '| Code | Title | What to do |', '|---|---|---|', ...rows, ''];
}
