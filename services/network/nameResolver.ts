import { Resolver } from 'node:dns/promises';
import { isLoopbackHost } from './urlPolicy.ts';

/** For one name server: the wait for its first answer, and how often it is asked. */
const ASK = { timeout: 1_000, tries: 2 };
/** For a name altogether, however many name servers there are. */
const RESOLVE_TIMEOUT_MS = 5_000;

/** Answers of DNS itself: the name does not exist, or has no address. */
const NO_ADDRESS = new Set(['ENOTFOUND', 'ENODATA']);

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
  return async (host) => (isLoopbackHost(host.toLowerCase().replace(/\.$/, '')) ? ['127.0.0.1', '::1'] : inTime(ask(resolver, host)));
}

/** One family is enough: an address that is not known here is not dialled either. */
async function ask(resolver: Resolver, host: string): Promise<string[]> {
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length > 0) return addresses;
  const faults = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as NodeJS.ErrnoException] : []));
  const fault = faults.find(({ code }) => !NO_ADDRESS.has(code ?? '')) ?? faults[0];
  throw told(fault ?? Object.assign(new Error(`${host} is an alias of a name that has no address`), { code: 'ENODATA' }), host);
}

/** A fault of the name servers must not be taken for one of the receiver: ECONNREFUSED, say. */
function told(fault: NodeJS.ErrnoException, host: string): Error {
  if (fault.code !== undefined && (NO_ADDRESS.has(fault.code) || fault.code === 'ETIMEOUT')) return fault;
  return Object.assign(new Error(`the name servers failed to resolve ${host}`, { cause: fault }), { code: 'EAI_AGAIN' });
}

async function inTime<T>(asking: Promise<T>): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const late = (): void => timeout.reject(Object.assign(new Error('DNS did not answer in time'), { code: 'ETIMEOUT' }));
  const timer = setTimeout(late, RESOLVE_TIMEOUT_MS);
  try {
    return await Promise.race([asking, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
