import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { Vault } from '../../crypto/vault.ts';

/** A public key as the JWKS publishes it (RFC 7517, RFC 8037). */
export interface PublicJwk {
  kty: 'OKP';
  crv: 'Ed25519';
  x: string;
  kid: string;
  alg: 'EdDSA';
  use: 'sig';
}

/** A row of `signing_keys`. */
export interface SigningKeyRow {
  kid: string;
  public_jwk: PublicJwk;
  sealed_private_key: Buffer;
  activates_at: Date;
  retires_at: Date | null;
}

export interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  jwk: PublicJwk;
  activatesAt: Date;
  retiresAt: Date | null;
}

const PKCS8 = { type: 'pkcs8', format: 'der' } as const;

export const signingKeyContext = (kid: string): string => `signing_key:${kid}`;

/** A new Ed25519 key, its private part sealed. Its id is the thumbprint of its public part (RFC 7638). */
export async function newSigningKey(vault: Vault, activatesAt: Date): Promise<SigningKeyRow> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const jwk = await publicJwk(publicKey);
  const sealed = vault.seal(privateKey.export(PKCS8), signingKeyContext(jwk.kid));
  return { kid: jwk.kid, public_jwk: jwk, sealed_private_key: sealed, activates_at: activatesAt, retires_at: null };
}

/**
 * The key behind a row. The public part is taken from what the vault sealed, never from the row: who can write to the table, but has no master
 * key, makes no key that anybody trusts. Throws VaultError, and Error when the row's parts do not belong together.
 */
export async function openSigningKey(vault: Vault, row: SigningKeyRow): Promise<SigningKey> {
  const privateKey = createPrivateKey({ key: vault.open(row.sealed_private_key, signingKeyContext(row.kid)), ...PKCS8 });
  const publicKey = createPublicKey(privateKey);
  const jwk = await publicJwk(publicKey);
  if (jwk.kid !== row.kid) throw new Error(`The signing key ${row.kid} does not have the id of its public part`);
  return { kid: row.kid, privateKey, publicKey, jwk, activatesAt: row.activates_at, retiresAt: row.retires_at };
}

async function publicJwk(publicKey: KeyObject): Promise<PublicJwk> {
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const bare = { kty: 'OKP', crv: 'Ed25519', x } as const;
  return { ...bare, kid: await calculateJwkThumbprint(bare), alg: 'EdDSA', use: 'sig' };
}
