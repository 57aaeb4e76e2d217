import { hash, timingSafeEqual } from 'node:crypto';
import { AppError } from '../errors/AppError.ts';
import { digestApiKey, matchesDigest, parseApiKey, pepperKey } from './format.ts';
import type { KeyRecord } from './keyRecord.ts';
import { KnownKeys } from './knownKeys.ts';

export interface Authenticator {
  /**
   * The record of the key whose secret this is. Whether it may be used is another question (refusalOf).
   * Throws invalid_api_key; service_unavailable when it cannot know.
   */
  identify(text: string): Promise<KeyRecord>;
  /** Forgets one key: it changed. */
  forget(keyId: string): void;
  /** Forgets the keys whose power hangs on an organization (`org:<uuid>`) or a person (`user:<uuid>`). */
  forgetAccess(subject: string): void;
  /** Forgets all: changes may have been missed. */
  forgetAll(): void;
}

interface AuthenticatorDeps {
  pepper: string;
  findKey: (keyId: string) => Promise<KeyRecord | null>;
}

/** A change that no notification told of is seen after this time at the latest. */
const CACHE_TTL_MS = 5_000;
const CACHE_ENTRIES = 10_000;
/** Compared when the key id is unknown, so that unknown and wrong take the same time. */
const NO_DIGEST = Buffer.alloc(32);

/** Checks API keys against the database through a cache of known keys; unknown ones are never cached. */
export function createAuthenticator({ pepper, findKey }: AuthenticatorDeps): Authenticator {
  const proves = createProof(pepper);
  const known = new KnownKeys({ max: CACHE_ENTRIES, ttlMs: CACHE_TTL_MS });
  const loading = new Map<string, Promise<KeyRecord | null>>();
  const load = (keyId: string): Promise<KeyRecord | null> => {
    const running = loading.get(keyId);
    if (running) return running;
    const started = findKey(keyId)
      .then((record) => {
        // forget() while it was read: the answer may be the old one, so this request may use it and nobody else.
        if (record && loading.get(keyId) === started) known.set(keyId, record);
        return record;
      })
      .finally(() => {
        if (loading.get(keyId) === started) loading.delete(keyId);
      });
    loading.set(keyId, started);
    return started;
  };

  return {
    async identify(text) {
      const parsed = parseApiKey(text);
      if (!parsed) throw refused();
      const record = known.get(parsed.keyId) ?? (await load(parsed.keyId));
      if (!proves(parsed.secret, record) || record.organizationDeleted) throw refused();
      return record;
    },
    forget(keyId) {
      known.forget(keyId);
      loading.delete(keyId);
    },
    forgetAccess(subject) {
      known.forgetOf(subject);
      // Whose keys are being read is not known yet.
      loading.clear();
    },
    forgetAll() {
      known.clear();
      loading.clear();
    },
  };
}

/** Whether a secret belongs to a record. */
function createProof(pepper: string): (secret: string, record: KeyRecord | null) => record is KeyRecord {
  const digestKey = pepperKey(pepper);
  /** Plain digest of the secret that proved each record: the next request is compared by it, in 0.7 instead of 3 microseconds. */
  const proven = new WeakMap<KeyRecord, Buffer>();
  return (secret, record): record is KeyRecord => {
    // By way of a string: a buffer made for 32 bytes costs more than the digest in it.
    const plain = Buffer.from(hash('sha256', secret, 'hex'), 'hex');
    const before = record && proven.get(record);
    if (before && timingSafeEqual(before, plain)) return true;
    const matches = matchesDigest(digestApiKey(digestKey, secret), record?.digest ?? NO_DIGEST);
    if (record && matches) proven.set(record, plain);
    return record !== null && matches;
  };
}

const refused = (): AppError =>
  new AppError('invalid_api_key', {
    detail: 'The key is mistyped, cut off or unknown. An API key looks like sk_live_… and has 82 characters: copy all of it.',
  });
