import { STATUS_CODES } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '../../services/errors/AppError.ts';
import type { ErrorCodeName } from '../../services/errors/codes.ts';
import { newId, typeId } from '../ids.ts';
import { PROBLEM_MEDIA_TYPE, problemOf } from './problem.ts';

const CODES: Record<string, ErrorCodeName> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'payload_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Answers as a problem what is not HTTP enough to become a request, and closes the connection. By itself Node sends a bare status. */
export function answerClientErrors(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket & { _httpMessage?: ServerResponse | null }) => {
    // An answer that has begun cannot be followed by another one.
    const begun = socket._httpMessage?.headersSent ?? false;
    if (socket.writable && !begun && error.code !== 'ECONNRESET') socket.write(answerTo(CODES[error.code ?? ''] ?? 'malformed_request'));
    socket.destroy();
  });
}

function answerTo(code: ErrorCodeName): string {
  const requestId = typeId('req', newId());
  const problem = problemOf(new AppError(code), requestId);
  const body = JSON.stringify(problem);
  const headers = {
    'X-Request-Id': requestId,
    'Content-Type': PROBLEM_MEDIA_TYPE,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`, ...lines, '', body].join('\r\n');
}
