import type { LookupAddress } from 'node:dns';
import { isIP, isIPv4 } from 'node:net';
import type { LookupFunction } from 'node:net';
import { AppError } from '../errors/AppError.ts';
import { addressRefusal, isLoopbackAddress } from './addressPolicy.ts';
import { createNameResolver } from './nameResolver.ts';
import type { NameResolver } from './nameResolver.ts';
import { checkUrl, hostOf, isLoopbackHost, refusalOfUrl } from './urlPolicy.ts';
import type { UrlPolicyOptions } from './urlPolicy.ts';

export interface AddressGuard {
  /**
   * For a URL that a customer sets: judges it and every address its name resolves to now.
   * Asks DNS, so never inside a transaction. Throws url_not_allowed at `location` (default `body.url`).
   */
  assertPublic(url: string, location?: string): Promise<void>;
  /**
   * `lookup` for net, tls and undici connectors: resolves once and hands out only what was vetted, so the address that was
   * checked is the address that is dialled. One bad answer refuses the name: `error.code` is `EBLOCKEDADDRESS`.
   */
  lookup: LookupFunction;
  /** For every attempt, because address literals never reach `lookup`: a sentence when the URL is refused, else null. */
  checkLiteral(url: URL): string | null;
}

interface AddressGuardOptions extends UrlPolicyOptions {
  /** All addresses of a host name; default: what the name servers of the operating system answer. */
  resolve?: NameResolver;
}

type Vetted = { addresses: string[] } | { refusal: string; address: string | undefined };

/** See docs/adr/0012-address-policy.md for what is refused and why. */
export function createAddressGuard({ allowInsecureLoopback, resolve = createNameResolver() }: AddressGuardOptions): AddressGuard {
  const vet = async (host: string): Promise<Vetted> => {
    const addresses = isIP(host) === 0 ? await resolve(host) : [host];
    return vetAnswers(addresses, allowInsecureLoopback && isLoopbackHost(bare(host)));
  };
  return {
    checkLiteral: (url) => refusalOfUrl(url, { allowInsecureLoopback }),
    async assertPublic(text, location = 'body.url') {
      const checked = checkUrl(text, { allowInsecureLoopback });
      if ('refused' in checked) throw notAllowed(location, checked.refused);
      const host = hostOf(checked.url);
      const vetted = await vet(host).catch((cause: unknown) => {
        throw notAllowed(location, unresolved(host, cause), { host }, cause);
      });
      if ('refusal' in vetted) throw notAllowed(location, `The name ${host} ${vetted.refusal}`, { host, address: vetted.address });
    },
    lookup(host, options, callback) {
      void answer(host, vet(host), options, callback);
    },
  };
}

function vetAnswers(addresses: string[], loopbackOnly: boolean): Vetted {
  if (addresses.length === 0) return { refusal: 'resolves to no address. Check its DNS records.', address: undefined };
  for (const address of addresses) {
    if (loopbackOnly && isLoopbackAddress(address)) continue;
    const refusal = loopbackOnly ? 'not a loopback address' : addressRefusal(address);
    // The address itself stays in the log: naming it would let a tenant read the names of our network.
    if (refusal) return { refusal: `resolves to an address that is ${refusal}. All its addresses must be public.`, address };
  }
  return { addresses };
}

type LookupParameters = Parameters<LookupFunction>;

async function answer(host: string, vetting: Promise<Vetted>, options: LookupParameters[1], callback: LookupParameters[2]): Promise<void> {
  let usable: LookupAddress[];
  try {
    usable = usableAddresses(host, await vetting, familyOf(options.family));
  } catch (error) {
    return callback(error as NodeJS.ErrnoException, '', 0);
  }
  if (options.all) return callback(null, usable);
  return callback(null, usable[0]!.address, usable[0]!.family);
}

function usableAddresses(host: string, vetted: Vetted, family: 0 | 4 | 6): LookupAddress[] {
  if ('refusal' in vetted) throw errno('EBLOCKEDADDRESS', `The name ${host} ${vetted.refusal}`);
  const all = vetted.addresses.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 }));
  const usable = family === 0 ? all : all.filter((answered) => answered.family === family);
  if (usable.length === 0) throw errno('ENOTFOUND', `The name ${host} has no IPv${family} address`);
  return usable;
}

function familyOf(family: number | string | undefined): 0 | 4 | 6 {
  if (family === 4 || family === 'IPv4') return 4;
  return family === 6 || family === 'IPv6' ? 6 : 0;
}

const bare = (host: string): string => host.toLowerCase().replace(/\.$/, '');

const errno = (code: string, message: string): NodeJS.ErrnoException => Object.assign(new Error(message), { code });

function unresolved(host: string, cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'no answer';
  return `The name ${host} could not be resolved (${code}). Check the spelling, or its DNS records if it is new.`;
}

function notAllowed(location: string, message: string, internal?: Record<string, unknown>, cause?: unknown): AppError {
  return new AppError('url_not_allowed', { detail: message, fields: [{ location, message }], ...(internal && { internal }), cause });
}
