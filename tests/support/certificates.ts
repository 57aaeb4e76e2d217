import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export interface Certificate {
  /** PEM, as node:tls takes them. */
  cert: string;
  key: string;
}

export interface CertificateWish {
  host: string;
  /** Who signs; itself when absent. */
  issuer?: Certificate & { host: string };
  authority?: boolean;
  /** Days from now. */
  validFor?: number;
}

const DAY_MS = 86_400_000;
const OID = {
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  alternativeName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
};

/** A P-256 X.509 certificate (RFC 5280) made on the spot, because a committed one expires and Node makes none. */
export function makeCertificate({ host, issuer, authority = false, validFor = 30 }: CertificateWish): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(tagged(0x06, OID.ecdsaWithSha256));
  const expires = Date.now() + validFor * DAY_MS;
  const body = sequence(
    tagged(0xa0, tagged(0x02, [2])),
    tagged(0x02, [0x01, ...randomBytes(8)]),
    algorithm,
    nameOf(issuer?.host ?? host),
    sequence(utcTime(Math.min(Date.now(), expires) - DAY_MS), utcTime(expires)),
    nameOf(host),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(alternativeName(host), ...(authority ? [basicConstraints()] : []))),
  );
  const signature = sign('sha256', body, issuer?.key ?? pem(privateKey));
  const cert = sequence(body, algorithm, tagged(0x03, [0, ...signature])).toString('base64');
  return { cert: `-----BEGIN CERTIFICATE-----\n${cert.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`, key: pem(privateKey) };
}

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string;

/** DER: type, length, content. */
function tagged(type: number, content: Iterable<number>): Buffer {
  const bytes = Buffer.from([...content]);
  if (bytes.length < 0x80) return Buffer.concat([Buffer.from([type, bytes.length]), bytes]);
  return Buffer.concat([Buffer.from([type, 0x82, bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
const nameOf = (host: string): Buffer => sequence(tagged(0x31, sequence(tagged(0x06, OID.commonName), tagged(0x0c, Buffer.from(host)))));
const alternativeName = (host: string): Buffer =>
  sequence(tagged(0x06, OID.alternativeName), tagged(0x04, sequence(tagged(0x82, Buffer.from(host)))));
const basicConstraints = (): Buffer =>
  sequence(tagged(0x06, OID.basicConstraints), tagged(0x01, [0xff]), tagged(0x04, sequence(tagged(0x01, [0xff]))));
const utcTime = (at: number): Buffer => tagged(0x17, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
