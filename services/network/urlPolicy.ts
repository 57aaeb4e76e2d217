import { isIP } from 'node:net';
import { addressRefusal, isLoopbackAddress } from './addressPolicy.ts';

const MAX_URL_LENGTH = 2048;
const LOCAL_DOMAINS = ['internal', 'local', 'home.arpa'];

export interface UrlPolicyOptions {
  /** Lets http:// and https:// URLs reach loopback literals and `localhost`; for development only. */
  allowInsecureLoopback: boolean;
}

/**
 * Judges a URL as a customer typed it, before any DNS: syntax, scheme, host name, address literal.
 * `refused` is a sentence for that person: which rule, and what to do.
 */
export function checkUrl(text: string, options: UrlPolicyOptions): { url: URL } | { refused: string } {
  if (text.length > MAX_URL_LENGTH) return { refused: `The URL is longer than ${MAX_URL_LENGTH} characters.` };
  // eslint-disable-next-line no-control-regex -- exactly these characters are what the URL parser drops without a word
  if (/[\u0000-\u0020\u007f\\]/.test(text))
    return { refused: 'The URL holds spaces, control characters or backslashes; percent-encode or remove them.' };
  if (!URL.canParse(text)) return { refused: 'This is not a valid URL. Expected something like https://hooks.example.com/path.' };
  const url = new URL(text);
  const refused = refusalOfUrl(url, options);
  return refused === null ? { url } : { refused };
}

/** The same judgement over a parsed URL, for every attempt; null when it may be connected to (names still need their DNS answers vetted). */
export function refusalOfUrl(url: URL, { allowInsecureLoopback }: UrlPolicyOptions): string | null {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `The scheme ${url.protocol} is not allowed. Use https:.`;
  if (url.username !== '' || url.password !== '')
    return 'The URL holds a user name or password. Send them as a custom Authorization header.';
  if (url.port === '0') return 'Port 0 cannot be connected to.';
  const host = hostOf(url);
  if (allowInsecureLoopback && isLoopbackHost(host)) return null;
  return hostRefusal(host) ?? (url.protocol === 'http:' ? 'Plain http: is not allowed. Use https:.' : null);
}

/** The host of a URL without brackets and without the trailing full stop, in lower case. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** Whether a host is the machine itself by definition (RFC 6761 section 6.3), without asking DNS. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host);
}

function hostRefusal(host: string): string | null {
  if (isIP(host) !== 0) {
    const refusal = addressRefusal(host);
    return refusal && `The address ${host} is ${refusal}. Use an address that is reachable from the public internet.`;
  }
  if (host === 'localhost' || host.endsWith('.localhost')) return `${host} is this machine itself. Use a public host name.`;
  const local = LOCAL_DOMAINS.find((domain) => host === domain || host.endsWith(`.${domain}`));
  return local === undefined ? null : `Names under .${local} exist only inside private networks. Use a public host name.`;
}
