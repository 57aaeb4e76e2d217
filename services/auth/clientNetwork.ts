import ipaddr from 'ipaddr.js';

/** What counts as one caller: an IPv4 address, or the /64 of an IPv6 one, because whoever has one of its addresses has all of them. */
export function clientNetwork(ip: string | null): string {
  if (ip === null || !ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return `${(address as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
