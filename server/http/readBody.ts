import type { IncomingMessage } from 'node:http';
import { AppError } from '../../services/errors/AppError.ts';

const MAX_BYTES = 1024 * 1024;
/** A sender that is already writing sees the answer only if somebody reads on; beyond this the connection is cut. */
const DISCARD_BYTES = 8 * MAX_BYTES;
const JSON_TYPE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

/** True when the request says that it has a body. */
export const hasBody = (req: IncomingMessage): boolean =>
  req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;

/** Throws unsupported_media_type unless the body is plain JSON in UTF-8. Compressed bodies are refused: see ADR 0044. */
export function assertJson(req: IncomingMessage): void {
  const type = req.headers['content-type'];
  const encoding = req.headers['content-encoding'];
  if (type === undefined || !JSON_TYPE.test(type)) {
    throw new AppError('unsupported_media_type', {
      detail: `Send "Content-Type: application/json" in UTF-8; this request says ${type ? `"${type.slice(0, 100)}"` : 'nothing'}.`,
    });
  }
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new AppError('unsupported_media_type', {
      detail: `Send the body uncompressed; this request says "Content-Encoding: ${encoding.slice(0, 100)}".`,
    });
  }
}

/** The bytes of the body, at most 1 MiB, whatever Content-Length says. Throws payload_too_large. */
export function readBody(req: IncomingMessage): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > DISCARD_BYTES) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BYTES) chunks.push(chunk);
      if (size <= DISCARD_BYTES) return;
      req.pause();
      reject(tooLarge());
    });
    req.on('end', () => (size > MAX_BYTES ? reject(tooLarge()) : resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size))));
    req.on('error', () => reject(cutOff()));
    req.on('close', () => {
      if (!req.complete) reject(cutOff());
    });
  });
}

const tooLarge = (): AppError =>
  new AppError('payload_too_large', { detail: 'The body is larger than 1 MiB (1,048,576 bytes). Send it in several requests.' });

const cutOff = (): AppError => new AppError('malformed_json', { detail: 'The connection was closed before the whole body had arrived.' });
