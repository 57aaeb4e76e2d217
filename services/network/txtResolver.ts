import { Resolver } from 'node:dns/promises';
import { ASK, NO_RECORD, resolveInTime, toldOf } from './resolveInTime.ts';

/**
 * The texts of a name's TXT records, each put together from its parts (RFC 7208 section 3.3); none when there is no such name or record.
 * Throws errors with `code` `ETIMEOUT` (no name server answered in time) or `EAI_AGAIN` (they answered with a fault of their own).
 */
export type TxtResolver = (name: string) => Promise<string[]>;

/** Asks the name servers of the operating system, or `servers` (`address` or `address:port`), over the network and nothing else. */
export function createTxtResolver(servers: string[] = []): TxtResolver {
  const resolver = new Resolver(ASK);
  if (servers.length > 0) resolver.setServers(servers);
  return (name) => resolveInTime(ask(resolver, name));
}

async function ask(resolver: Resolver, name: string): Promise<string[]> {
  try {
    return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
  } catch (error) {
    const fault = error as NodeJS.ErrnoException;
    if (NO_RECORD.has(fault.code ?? '')) return [];
    throw toldOf(fault, name);
  }
}
