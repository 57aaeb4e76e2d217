import { Resolver } from 'node:dns/promises';
import { ASK, NO_RECORD, resolveInTime, toldOf } from './resolveInTime.ts';
import { isLoopbackHost } from './urlPolicy.ts';

/**
 * All addresses of a host name, IPv4 first. Throws errors with `code` `ENOTFOUND` or `ENODATA` (the name has no address), `ETIMEOUT` (no
 * name server answered in time) or `EAI_AGAIN` (they answered with a fault of their own, which is the `cause`).
 */
export type NameResolver = (host: string) => Promise<string[]>;

/**
 * Asks the name servers of the operating system, or `servers` (`address` or `address:port`), over the network and nothing else:
 * no hosts file, no search domains, no thread that a silent name server could hold. Loopback names are answered without asking.
 */
export function createNameResolver(servers: string[] = []): NameResolver {
  const resolver = new Resolver(ASK);
  if (servers.length > 0) resolver.setServers(servers);
  return async (host) =>
    isLoopbackHost(host.toLowerCase().replace(/\.$/, '')) ? ['127.0.0.1', '::1'] : resolveInTime(ask(resolver, host));
}

/** One family is enough: an address that is not known here is not dialled either. */
async function ask(resolver: Resolver, host: string): Promise<string[]> {
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length > 0) return addresses;
  const faults = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as NodeJS.ErrnoException] : []));
  const fault = faults.find(({ code }) => !NO_RECORD.has(code ?? '')) ?? faults[0];
  throw toldOf(fault ?? Object.assign(new Error(`${host} is an alias of a name that has no address`), { code: 'ENODATA' }), host);
}
