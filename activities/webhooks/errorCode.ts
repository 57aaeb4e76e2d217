const BY_CODE: Record<string, string> = {
  EBLOCKEDADDRESS: 'blocked_address',
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_reset',
  EPIPE: 'connection_reset',
  UND_ERR_SOCKET: 'connection_reset',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  ETIMEDOUT: 'connect_timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'dns_failure',
  EAI_AGAIN: 'dns_failure',
  ENODATA: 'dns_failure',
  ETIMEOUT: 'dns_timeout',
  EPROTO: 'tls_error',
  UND_ERR_HEADERS_OVERFLOW: 'headers_too_large',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};

const BY_SHAPE: [RegExp, string][] = [
  [/^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|INVALID_|PATH_LENGTH_|ERROR_IN_CERT_|HOSTNAME_)/, 'tls_error'],
  [/^(HPE_|UND_ERR_|HTTPParserError$)/, 'protocol_error'],
];

/** The attempt's `error_code` for what the HTTP client threw; `network_error` for what has no name of its own. */
export function errorCodeOf(error: unknown): string {
  for (const code of codesOf(error)) {
    const known = BY_CODE[code] ?? BY_SHAPE.find(([shape]) => shape.test(code))?.[1];
    if (known !== undefined) return known;
  }
  return 'network_error';
}

/** Own code (the HTTP parser's errors have only a name) first, then those of its causes and, for a connect that tried several addresses, of each try. */
function codesOf(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth > 3) return [];
  const code = nameOf(error);
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : [error.cause];
  return [code, ...inner.flatMap((cause) => codesOf(cause, depth + 1))];
}

/** undici gives an answer that it refuses (an unasked 100 or 101) the code of a connection that broke. */
function nameOf(error: Error): string {
  const { code } = error as Error & { code?: unknown };
  if (code === 'UND_ERR_SOCKET' && error.message.startsWith('bad ')) return 'UND_ERR_BAD_ANSWER';
  return typeof code === 'string' ? code : error.name;
}
