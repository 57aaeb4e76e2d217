import { hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { SignJWT, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyOptions } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../server/clock.ts';
import { parseTypeId, typeId } from '../../server/ids.ts';
import type { IdPrefix } from '../../server/ids.ts';
import { AppError } from '../errors/AppError.ts';
import { goodFor } from '../goodFor.ts';
import type { KeyRing } from './signingKeys/keyRing.ts';

export const ACCESS_TOKEN_SECONDS = 600;
/** Who the tokens are for: this API, wherever it is reached. */
export const ACCESS_AUDIENCE = 'artisan-api';
/** How far the clocks of two of our processes may be apart. */
export const CLOCK_TOLERANCE_SECONDS = 10;
/** RFC 9068: keeps other JWTs under the same keys from being taken for an access token. */
const TYPE = 'at+jwt';
const ALGORITHM = 'EdDSA';

/** The `iss` claim: PUBLIC_URL, or without one a name that is no address. */
export const issuerOf = (publicUrl: string | undefined): string => publicUrl?.replace(/\/+$/, '') ?? 'urn:artisan:platform';

/** What a token proves; database uuids. Everything else about the session is looked up. */
export interface AccessClaims {
  userId: string;
  sessionId: string;
  /** The organization that was entered. */
  orgId: string | null;
  expiresAt: Date;
}

export interface AccessTokens {
  /** A signed token for this session in that organization (uuids). */
  issue(session: TokenSession, orgId: string | null): Promise<{ token: string; expiresAt: Date }>;
  /** What a token says. Throws invalid_access_token, access_token_expired; service_unavailable when the keys cannot be read. */
  verify(token: string): Promise<AccessClaims>;
  /** The keys changed: every token is checked again. */
  forget(): void;
}

interface TokenSession {
  id: string;
  userId: string;
  amr: readonly string[];
  authTime: Date;
}

interface AccessTokensDeps {
  keyRing: KeyRing;
  clock: Clock;
  /** The `iss` claim. */
  issuer: string;
}

const KNOWN_TOKENS = 10_000;
const KNOWN_MS = 60_000;

export function createAccessTokens({ keyRing, clock, issuer }: AccessTokensDeps): AccessTokens {
  /** By digest: a signature that was proven once is not computed for each request of its ten minutes. */
  const proven = new LRUCache<string, AccessClaims>({ max: KNOWN_TOKENS, ...goodFor(KNOWN_MS) });
  return {
    async issue(session, orgId) {
      const { kid, privateKey } = await keyRing.signer();
      const now = Math.floor(clock.now().getTime() / 1_000);
      const token = await new SignJWT(claimsOf(session, orgId))
        .setProtectedHeader({ alg: ALGORITHM, kid, typ: TYPE })
        .setIssuer(issuer)
        .setAudience(ACCESS_AUDIENCE)
        .setSubject(typeId('usr', session.userId))
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + ACCESS_TOKEN_SECONDS)
        .sign(privateKey);
      return { token, expiresAt: new Date((now + ACCESS_TOKEN_SECONDS) * 1_000) };
    },
    async verify(token) {
      const digest = hash('sha256', token, 'base64url');
      const known = proven.get(digest);
      if (known) return assertNotOver(known, clock);
      const claims = await check(token, { keyRing, clock, issuer });
      proven.set(digest, claims);
      return claims;
    },
    forget: () => proven.clear(),
  };
}

const claimsOf = ({ id, amr, authTime }: TokenSession, orgId: string | null): JWTPayload => ({
  sid: typeId('ses', id),
  ...(orgId !== null && { org: typeId('org', orgId) }),
  amr: [...amr],
  auth_time: Math.floor(authTime.getTime() / 1_000),
});

function assertNotOver(claims: AccessClaims, clock: Clock): AccessClaims {
  if (claims.expiresAt.getTime() + CLOCK_TOLERANCE_SECONDS * 1_000 <= clock.now().getTime()) throw new AppError('access_token_expired');
  return claims;
}

/** One algorithm, one key type, both ours: nothing in the token chooses how it is verified but the name of one of our keys. */
async function check(token: string, { keyRing, clock, issuer }: AccessTokensDeps): Promise<AccessClaims> {
  const options: JWTVerifyOptions = {
    algorithms: [ALGORITHM],
    typ: TYPE,
    issuer,
    audience: ACCESS_AUDIENCE,
    requiredClaims: ['sub', 'sid', 'iat', 'nbf', 'exp'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    currentDate: clock.now(),
  };
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => keyOf(keyRing, kid), options);
    return read(payload);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    if (cause instanceof errors.JWTExpired) throw new AppError('access_token_expired');
    if (cause instanceof errors.JOSEError) throw refused();
    throw cause;
  }
}

async function keyOf(keyRing: KeyRing, kid: string | undefined): Promise<KeyObject> {
  const key = kid === undefined ? null : await keyRing.verifier(kid);
  if (!key) throw refused();
  return key;
}

function read({ sub, sid, org, exp }: JWTPayload): AccessClaims {
  const userId = idOf('usr', sub);
  const sessionId = idOf('ses', sid);
  const orgId = org === undefined ? null : idOf('org', org);
  if (userId === null || sessionId === null || (orgId === null && org !== undefined) || exp === undefined) throw refused();
  return { userId, sessionId, orgId, expiresAt: new Date(exp * 1_000) };
}

const idOf = (prefix: IdPrefix, claim: unknown): string | null => (typeof claim === 'string' ? parseTypeId(prefix, claim) : null);

/** The reason is nobody's business: who holds a genuine token never sees this. */
const refused = (): AppError => new AppError('invalid_access_token');
