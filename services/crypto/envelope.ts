import type { KeyObject } from 'node:crypto';
import { randomBytes } from 'node:crypto';
import { NONCE_BYTES, xaesOpen, xaesSeal } from './xaesGcm.ts';

/** The first byte of an envelope: what kind of key sealed it. */
const SEALED_BY = { master: 1, data: 2 } as const;
const UUID_BYTES = 16;

/** A master key's id is text of the configuration, a data key's the uuid of its row. */
export interface KeyRef {
  kind: keyof typeof SEALED_BY;
  id: string;
}

interface Envelope {
  key: KeyRef;
  header: Buffer;
  nonce: Buffer;
  sealed: Buffer;
}

/** An envelope that cannot be opened, or a key that is not there. Never the caller's fault, so it is no AppError; the message holds no secret. */
export class VaultError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'VaultError';
  }
}

/** What every envelope of this key begins with: version (1 byte) ‖ length of the id (1) ‖ id for a master key; version ‖ uuid (16) for a data key. */
export function headerOf({ kind, id }: KeyRef): Buffer {
  if (kind === 'data') return Buffer.concat([Buffer.from([SEALED_BY.data]), Buffer.from(id.replaceAll('-', ''), 'hex')]);
  return Buffer.concat([Buffer.from([SEALED_BY.master, id.length]), Buffer.from(id, 'ascii')]);
}

/** What every envelope begins with that any data key sealed. */
export const ANY_DATA_KEY = Buffer.from([SEALED_BY.data]);

/** header ‖ nonce (24) ‖ XAES-256-GCM ciphertext and tag. Authenticated with it: the header and the context. */
export function sealUnder(key: KeyObject, header: Buffer, plaintext: Buffer | string, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const bytes = typeof plaintext === 'string' ? Buffer.from(plaintext, 'utf8') : plaintext;
  return Buffer.concat([header, nonce, xaesSeal(key, nonce, bytes, associated(header, context))]);
}

/** Throws VaultError when key, context or a single bit differ. */
export function openUnder(key: KeyObject, envelope: Envelope, context: string): Buffer {
  try {
    return xaesOpen(key, envelope.nonce, envelope.sealed, associated(envelope.header, context));
  } catch (cause) {
    throw new VaultError(`Sealed with key "${envelope.key.id}", but altered, or opened in another context`, { cause });
  }
}

/** Throws VaultError for what no release wrote. */
export function parseEnvelope(sealed: Buffer): Envelope {
  const version = sealed[0];
  if (version !== SEALED_BY.master && version !== SEALED_BY.data)
    throw new VaultError(`The envelope has version ${version ?? 'none'}; this release reads versions 1 and 2`);
  const headerBytes = version === SEALED_BY.data ? 1 + UUID_BYTES : 2 + (sealed[1] ?? 0);
  if (sealed.length < headerBytes + NONCE_BYTES) throw new VaultError('The envelope is cut off');
  const key: KeyRef =
    version === SEALED_BY.data
      ? { kind: 'data', id: uuidText(sealed.toString('hex', 1, headerBytes)) }
      : { kind: 'master', id: sealed.toString('ascii', 2, headerBytes) };
  return {
    key,
    header: sealed.subarray(0, headerBytes),
    nonce: sealed.subarray(headerBytes, headerBytes + NONCE_BYTES),
    sealed: sealed.subarray(headerBytes + NONCE_BYTES),
  };
}

/** As Postgres writes it. Whatever the 16 bytes are: an altered envelope names a key that nobody has. */
const uuidText = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

const associated = (header: Buffer, context: string): Buffer => Buffer.concat([header, Buffer.from(context, 'utf8')]);
