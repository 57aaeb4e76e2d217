import type { Vault } from '../crypto/vault.ts';

export const headersContext = (orgId: string, endpointId: string): string => `webhook_headers:${orgId}:${endpointId}`;

/** Custom headers may hold credentials, so they rest sealed, bound to their endpoint. null when there are none. */
export function sealHeaders(vault: Vault, orgId: string, endpointId: string, headers: Record<string, string>): Buffer | null {
  if (Object.keys(headers).length === 0) return null;
  return vault.seal(JSON.stringify(headers), headersContext(orgId, endpointId));
}

/** The headers to send. Throws when the ciphertext belongs to another endpoint or was altered. */
export function openHeaders(vault: Vault, orgId: string, endpointId: string, sealed: Buffer | null): Record<string, string> {
  if (sealed === null) return {};
  return JSON.parse(vault.open(sealed, headersContext(orgId, endpointId)).toString('utf8')) as Record<string, string>;
}
