import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { IPV4_SPECIAL, IPV6_SPECIAL } from './specialBlocks.ts';
import type { SpecialBlock } from './specialBlocks.ts';

interface Block {
  cidr: string;
  name: string;
  network: number[];
  prefixLength: number;
}

const block = ([cidr, name]: SpecialBlock): Block => {
  const [network, prefixLength] = ipaddr.parseCIDR(cidr);
  return { cidr, name, network: network.toByteArray(), prefixLength };
};

const IPV4 = IPV4_SPECIAL.map(block);
const IPV6 = IPV6_SPECIAL.map(block);
const NAT64 = block(['64:ff9b::/96', 'NAT64']);
const GLOBAL_UNICAST = block(['2000::/3', 'global unicast']);

/** True only for a well-formed address that is globally reachable unicast. Anything unclear is not public. */
export function isPublicAddress(address: string): boolean {
  return addressRefusal(address) === null;
}

/** True for 127.0.0.0/8 and ::1, in their plain spellings. */
export function isLoopbackAddress(address: string): boolean {
  const bytes = bytesOf(address);
  if (bytes?.length === 4) return bytes[0] === 127;
  return bytes !== null && bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1;
}

/**
 * Why a webhook must not connect to this address, to be read after "is" ("a private address (10.0.0.0/8)"); null when it may.
 * IANA special-purpose registries, every IPv4-in-IPv6 form, cloud metadata; see docs/adr/0012-address-policy.md.
 */
export function addressRefusal(address: string): string | null {
  const bytes = bytesOf(address);
  if (!bytes) return 'not an IP address in its plain spelling';
  return bytes.length === 4 ? ipv4Refusal(bytes) : ipv6Refusal(bytes);
}

/** Both parsers must agree, and zone ids are refused: an address that two readers read differently is a way round the guard. */
function bytesOf(address: string): number[] | null {
  if (isIP(address) === 0 || address.includes('%')) return null;
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address).toByteArray();
  return ipaddr.IPv6.isValid(address) ? ipaddr.IPv6.parse(address).toByteArray() : null;
}

function ipv4Refusal(bytes: number[]): string | null {
  return refusalBy(IPV4.find((special) => contains(special, bytes)));
}

function ipv6Refusal(bytes: number[]): string | null {
  const special = IPV6.find((candidate) => contains(candidate, bytes));
  if (special) return refusalBy(special);
  if (contains(NAT64, bytes)) return embedded('a NAT64 address', bytes);
  if (!contains(GLOBAL_UNICAST, bytes)) return 'outside the global unicast addresses (2000::/3)';
  return isIsatap(bytes) ? embedded('an ISATAP address', bytes) : null;
}

/** RFC 6052 section 3.1: only a global IPv4 address may stand inside, so the inner address decides. */
function embedded(what: string, bytes: number[]): string | null {
  const inner = ipv4Refusal(bytes.slice(12));
  return inner && `${what} that holds ${inner}`;
}

/** RFC 5214 section 6.1: interface identifier 0000:5efe or 0200:5efe, then the IPv4 address. */
const isIsatap = (bytes: number[]): boolean => (bytes[8]! & ~2) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;

const refusalBy = (special: Block | undefined): string | null =>
  special ? `${article(special.name)} ${special.name} address (${special.cidr})` : null;

const article = (name: string): string => (/^[aeioAEIO]/.test(name) ? 'an' : 'a');

function contains({ network, prefixLength }: Block, bytes: number[]): boolean {
  const whole = prefixLength >> 3;
  for (let i = 0; i < whole; i += 1) if (network[i] !== bytes[i]) return false;
  const rest = prefixLength & 7;
  return rest === 0 || (network[whole]! ^ bytes[whole]!) >> (8 - rest) === 0;
}
