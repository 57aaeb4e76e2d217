import { domainToASCII } from 'node:url';

const LONGEST = 254;
const LOCAL = /^[^\s@"(),:;<>[\\\]\p{C}]{1,64}$/u;
/** What Node would leave out of the domain, or take for its end. */
const BEYOND_DOMAIN = /[\s/\\?#:@%]/;
/** No IP address: Node makes 127.0.0.1 of 0x7f.1, and no domain ends in a number. */
const DOMAIN = /^(?=.{1,253}$)(?!.*\.\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

/**
 * The one spelling under which an e-mail address is stored and compared: trimmed, in lower case, its domain in ASCII (IDNA).
 * null when it is none that we send to: quoted local parts, address literals and single-label domains are left out.
 */
export function normalizeAddress(text: string): string | null {
  const trimmed = text.normalize('NFC').trim().toLowerCase();
  const at = trimmed.lastIndexOf('@');
  const local = trimmed.slice(0, Math.max(0, at));
  const given = trimmed.slice(at + 1);
  const domain = domainToASCII(given);
  const address = `${local}@${domain}`;
  return LOCAL.test(local) && !BEYOND_DOMAIN.test(given) && DOMAIN.test(domain) && address.length <= LONGEST ? address : null;
}

/** The domain of a normalized address. */
export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);
