import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Block = [network: Address, prefixLength: number];

/** Blocks of addresses; none at all is a list that contains nothing. */
export interface AddressList {
  includes(address: string): boolean;
}

const SHAPE = /^([0-9a-f:.]+)(?:\/(0|[1-9]\d{0,2}))?$/i;
const MAPPED_PREFIX = 96;
/** The deprecated form of RFC 4291 section 2.5.5.1, which the parser would take for an IPv4 address. */
const COMPATIBLE = /^::\d+\./;

/** The list of these blocks, as canonicalCidr wrote them. An entry that cannot be read contains nothing, so the list fails closed. */
export function addressList(cidrs: readonly string[]): AddressList {
  const blocks = cidrs.map(blockOf).filter((block) => block !== null);
  return {
    includes(text) {
      const address = addressOf(text);
      return address !== null && blocks.some((block) => contains(block, address));
    },
  };
}

/**
 * An address or block in the one spelling that is stored: `192.0.2.0/24`, `2001:db8::/32` (RFC 4632, RFC 5952); an IPv4 address
 * inside IPv6 (`::ffff:192.0.2.1`) is the IPv4 address. `refused` continues the place it stands at: "body.allowed_ips.0 is no …".
 */
export function canonicalCidr(text: string): { cidr: string } | { refused: string } {
  const [, host = '', prefix] = SHAPE.exec(text) ?? [];
  const version = COMPATIBLE.test(host) ? 0 : isIP(host);
  if (version === 0) return { refused: 'is no address or block such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32' };
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  if (length > bits) return { refused: `has a prefix longer than the ${bits} bits of its address` };
  const block = unmapped(ipaddr.parse(host), length);
  if (block === null) return { refused: 'mixes IPv4 addresses with others: write the IPv4 block itself, such as 192.0.2.0/24' };
  const [address, kept] = block;
  const network = networkOf(address, kept);
  if (network !== spell(address)) return { refused: `has bits beyond its prefix: write ${network}/${kept}` };
  return { cidr: `${network}/${kept}` };
}

/** The peer's address: without the zone of a link-local one, and IPv4 as IPv4. Null when it is none, which is in no list. */
function addressOf(text: string): Address | null {
  const bare = text.split('%', 1)[0]!;
  return isIP(bare) === 0 || COMPATIBLE.test(bare) ? null : ipaddr.process(bare);
}

function blockOf(text: string): Block | null {
  const read = canonicalCidr(text);
  return 'cidr' in read ? ipaddr.parseCIDR(read.cidr) : null;
}

/** Null: a block that holds more than the IPv4 addresses inside IPv6. */
function unmapped(address: Address, length: number): Block | null {
  if (address.kind() === 'ipv4' || !(address as ipaddr.IPv6).isIPv4MappedAddress()) return [address, length];
  return length < MAPPED_PREFIX ? null : [(address as ipaddr.IPv6).toIPv4Address(), length - MAPPED_PREFIX];
}

function contains([network, length]: Block, address: Address): boolean {
  if (address.kind() !== network.kind()) return false;
  return (address as ipaddr.IPv6).match(network as ipaddr.IPv6, length);
}

const spell = (address: Address): string => (address.kind() === 'ipv4' ? address.toString() : (address as ipaddr.IPv6).toRFC5952String());

function networkOf(address: Address, length: number): string {
  const bytes = address.toByteArray().map((byte, at) => byte & (0xff << Math.min(8, Math.max(0, 8 * (at + 1) - length))) & 0xff);
  return spell(ipaddr.fromByteArray(bytes));
}
