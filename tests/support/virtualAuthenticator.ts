import { generateKeyPairSync, hash, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { encodeCbor } from './cbor.ts';
import type { Cbor } from './cbor.ts';

/** Where the browser is, and what is wrong with it or the authenticator. */
export interface Circumstances {
  origin?: string;
  rpId?: string;
  challenge?: string;
  /** Reported instead of the next count. */
  counter?: number;
  /** Bits of the flags byte (WebAuthn 6.1): 1 present, 4 verified, 8 may be backed up, 16 is backed up. */
  flags?: number;
  type?: string;
  /** Instead of none: signed by the new key itself, or whatever is given. */
  attestation?: 'self' | { fmt: string; attStmt: Map<string, Cbor> };
}

const PRESENT_AND_VERIFIED = 0b101;
const ATTESTED = 0b100_0000;
const NO_MODEL = Buffer.alloc(16);

/** A browser with a security key of one credential, as WebAuthn describes both: real CBOR, COSE keys and signatures. */
export class VirtualAuthenticator {
  readonly credentialId = randomBytes(32);
  readonly #origin: string;
  readonly #algorithm: 'ES256' | 'EdDSA';
  readonly #privateKey: KeyObject;
  readonly #publicKey: Cbor;
  #counter = 0;

  constructor(origin: string, algorithm: 'ES256' | 'EdDSA' = 'ES256') {
    const { privateKey, publicKey } =
      algorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
    this.#origin = origin;
    this.#algorithm = algorithm;
    this.#privateKey = privateKey;
    this.#publicKey = coseOf(publicKey, algorithm);
  }

  /** navigator.credentials.create() */
  create({ rp, challenge }: PublicKeyCredentialCreationOptionsJSON, wrong: Circumstances = {}): RegistrationResponseJSON {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.credentialId.length);
    const credential = Buffer.concat([NO_MODEL, length, this.credentialId, encodeCbor(this.#publicKey)]);
    const authData = Buffer.concat([this.#authenticatorData(rp.id ?? '', ATTESTED, wrong), credential]);
    const clientData = this.#clientData('webauthn.create', challenge, wrong);
    const { fmt, attStmt } = this.#attest(authData, clientData, wrong);
    const attestation = encodeCbor(new Map<string, Cbor>(Object.entries({ fmt, attStmt, authData })));
    return {
      ...this.#envelope(),
      response: {
        clientDataJSON: clientData.toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['usb', 'nfc'],
      },
    };
  }

  /** navigator.credentials.get() */
  get({ rpId, challenge }: PublicKeyCredentialRequestOptionsJSON, wrong: Circumstances = {}): AuthenticationResponseJSON {
    const clientData = this.#clientData('webauthn.get', challenge, wrong);
    const authData = this.#authenticatorData(rpId ?? '', 0, wrong);
    const signature = this.#sign(authData, clientData);
    return {
      ...this.#envelope(),
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signature.toString('base64url'),
      },
    };
  }

  #attest(authData: Buffer, clientData: Buffer, { attestation }: Circumstances): { fmt: string; attStmt: Map<string, Cbor> } {
    if (attestation === undefined) return { fmt: 'none', attStmt: new Map() };
    if (attestation !== 'self') return attestation;
    const alg = this.#algorithm === 'ES256' ? -7 : -8;
    return { fmt: 'packed', attStmt: new Map<string, Cbor>(Object.entries({ alg, sig: this.#sign(authData, clientData) })) };
  }

  #sign(authData: Buffer, clientData: Buffer): Buffer {
    const signed = Buffer.concat([authData, hash('sha256', clientData, 'buffer')]);
    return sign(this.#algorithm === 'ES256' ? 'sha256' : null, signed, this.#privateKey);
  }

  #envelope() {
    const id = this.credentialId.toString('base64url');
    return { id, rawId: id, type: 'public-key' as const, clientExtensionResults: {} };
  }

  #clientData(type: string, challenge: string, wrong: Circumstances): Buffer {
    const data = {
      type: wrong.type ?? type,
      challenge: wrong.challenge ?? challenge,
      origin: wrong.origin ?? this.#origin,
      crossOrigin: false,
    };
    return Buffer.from(JSON.stringify(data));
  }

  #authenticatorData(rpId: string, kind: number, wrong: Circumstances): Buffer {
    this.#counter = wrong.counter ?? this.#counter + 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.#counter);
    const flags = Buffer.from([(wrong.flags ?? PRESENT_AND_VERIFIED) | kind]);
    return Buffer.concat([hash('sha256', wrong.rpId ?? rpId, 'buffer'), flags, counter]);
  }
}

/** COSE_Key (RFC 9053): of an elliptic curve, or an octet key pair. */
function coseOf(publicKey: KeyObject, algorithm: 'ES256' | 'EdDSA'): Cbor {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const [X, Y] = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')];
  return algorithm === 'ES256'
    ? new Map<number, Cbor>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, X],
        [-3, Y],
      ])
    : new Map<number, Cbor>([
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, X],
      ]);
}
