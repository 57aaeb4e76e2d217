import { domainToASCII } from 'node:url';
import { parse } from 'tldts';
import { PUBLIC_MAIL_DOMAINS } from './publicMailDomains.ts';

const HOST_NAME = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Why a domain cannot be anybody's. */
export type DomainFault = 'not_a_domain' | 'public_suffix' | 'public_mail';

/**
 * The one spelling of a domain, lower case in ASCII (IDNA), or why it is none that an organization can own: an address, a single label,
 * a public suffix (https://publicsuffix.org, its private section included: `co.uk`, `github.io`), or a domain at which anybody gets mail.
 */
export function readDomain(text: string): { domain: string } | { fault: DomainFault } {
  const domain = domainToASCII(text.trim().toLowerCase().replace(/\.$/, ''));
  const parsed = parse(domain, { allowPrivateDomains: true });
  if (!HOST_NAME.test(domain) || parsed.isIp === true) return { fault: 'not_a_domain' };
  if (parsed.domain === null) return { fault: 'public_suffix' };
  return PUBLIC_MAIL_DOMAINS.has(parsed.domain) ? { fault: 'public_mail' } : { domain };
}
