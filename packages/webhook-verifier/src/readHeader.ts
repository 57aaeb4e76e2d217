import { WebhookVerificationError } from './WebhookVerificationError.ts';

/** Headers as Node, Koa and Express have them (names in any case), or as Fetch has them. */
export type WebhookHeaders = { get(name: string): string | null } | { readonly [name: string]: string | readonly string[] | undefined };

/** The only value of a header; `name` in lower case. Throws `missing_header` or `repeated_header`. */
export function readHeader(headers: WebhookHeaders, name: string): string {
  const values = valuesOf(headers, name);
  if (values.length > 1) throw new WebhookVerificationError('repeated_header', `The header ${name} is there more than once`);
  if (values[0] === undefined) throw new WebhookVerificationError('missing_header', `The header ${name} is missing`);
  return values[0];
}

function valuesOf(headers: WebhookHeaders, name: string): string[] {
  if (isFetchHeaders(headers)) return [headers.get(name)].filter((value) => value !== null);
  return Object.entries(headers)
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]) => value ?? []);
}

/** A record may have a header that is named `get`: its value is no function. */
function isFetchHeaders(headers: WebhookHeaders): headers is { get(name: string): string | null } {
  return typeof headers['get' as keyof WebhookHeaders] === 'function';
}
