import { hash, randomBytes } from 'node:crypto';

const PREFIX = 'ivt_';
const SECRET_BYTES = 32;
const SHAPE = /^ivt_[\w-]{43}$/;

/** What lets somebody in: shown in one mail, and stored as its digest. */
export interface InvitationToken {
  text: string;
  digest: Buffer;
}

export function newInvitationToken(): InvitationToken {
  const text = PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
  return { text, digest: digestOf(text) };
}

/** null when the text cannot be a token: nothing is looked up for it then. */
export const readInvitationToken = (text: string): Buffer | null => (SHAPE.test(text) ? digestOf(text) : null);

/** SHA-256, because 256 random bits need nothing slower. */
const digestOf = (text: string): Buffer => hash('sha256', text, 'buffer');
