import { randomBytes } from 'node:crypto';
import type { TxtResolver } from '../network/txtResolver.ts';

const LABEL = '_artisan-challenge';
const NAME = 'artisan-domain-verification';
const RANDOM_BYTES = 24;

/** Where an organization puts its proof, and what it says. The value is public, and proves nothing for another organization. */
export interface DnsRecord {
  type: 'TXT';
  name: string;
  value: string;
}

export const newChallenge = (): string => randomBytes(RANDOM_BYTES).toString('base64url');

/** Under a label of its own, so that it stands beside any other record of the domain, a CNAME included. */
export const recordOf = ({ domain, challenge }: { domain: string; challenge: string }): DnsRecord => ({
  type: 'TXT',
  name: `${LABEL}.${domain}`,
  value: `${NAME}=${challenge}`,
});

/** `missing`: DNS answers, without the record. `unreachable`: nobody can say. */
export type ProofOutcome = 'proven' | 'missing' | 'unreachable';

/** Looks for the record. It may stand among others. */
export async function lookForProof(resolveTxt: TxtResolver, domain: { domain: string; challenge: string }): Promise<ProofOutcome> {
  const { name, value } = recordOf(domain);
  try {
    const texts = await resolveTxt(name);
    return texts.some((text) => text.trim() === value) ? 'proven' : 'missing';
  } catch {
    return 'unreachable';
  }
}
