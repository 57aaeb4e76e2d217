import { domainToASCII } from 'node:url';

const LONGEST = 254;
const LOCAL = /^[^\s@"(),:;<>[\\\]\p{C}]{1,64}$/u;
const DOMAIN = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

/**
 * The one spelling under which an e-mail address is stored and compared: trimmed, in lower case, its domain in ASCII (IDNA).
 * null when it is none that we send to: quoted local parts, address literals and single-label domains are left out.
 */
export function normalizeAddress(text: string): string | null {
  const trimmed = text.normalize('NFC').trim().toLowerCase();
  const at = trimmed.lastIndexOf('@');
  const local = trimmed.slice(0, Math.max(0, at));
  const domain = domainToASCII(trimmed.slice(at + 1));
  const address = `${local}@${domain}`;
  return LOCAL.test(local) && DOMAIN.test(domain) && address.length <= LONGEST ? address : null;
}

/** The domain of a normalized address. */
export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);
