import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { byteaArray, textArray } from '../../db/binaryArrays.ts';
import { prepared } from '../../db/prepared.ts';
import type { Sender } from '../../db/prepared.ts';
import type { OrganizationVaults } from '../crypto/organizationVaults.ts';
import type { Vault } from '../crypto/vault.ts';
import { goodFor } from '../goodFor.ts';
import { subjectKey } from './disclosure.ts';
import type { SubjectKey } from './disclosure.ts';

const INDEX_REF = 'index';
const KEY_BYTES = 32;
const CACHED_KEYS = 20_000;
/** Of one organization. */
const CACHED_REFS = 1_000;
/** An erased subject's key lives on in the memory of other processes for at most this long. */
const CACHE_TTL_MS = 60_000;

/** The keys of data subjects: one random key for each (organization, subject), sealed by the organization's vault in `audit_keys`. */
export interface SubjectKeys {
  /**
   * The keys of these subjects (`api_key:key_…`, `user:usr_…`, `webhook:whk_…`), by subject. Missing ones are made in the
   * transaction of `sender`, which must be fenced to `orgId` (uuid); when all are cached, no query is made.
   */
  of(sender: Sender, orgId: string, subjects: readonly string[]): Promise<Map<string, SubjectKey>>;
  /** The public references of these subjects, without making keys: for finding their entries. */
  refsOf(sender: Sender, orgId: string, subjects: readonly string[]): Promise<Map<string, string>>;
}

export function createSubjectKeys(vaults: OrganizationVaults): SubjectKeys {
  const cache = new LRUCache<string, Buffer>({ max: CACHED_KEYS, ...goodFor(CACHE_TTL_MS) });
  const derived = new WeakMap<Buffer, SubjectKey>();
  const indexes = new WeakMap<Buffer, IndexKey>();

  /** Raw keys by reference. A key whose row this transaction made is not cached: it may still be rolled back. */
  async function rawKeys(sender: Sender, orgId: string, refs: readonly string[]): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>();
    for (const ref of refs) {
      const key = cache.get(`${orgId} ${ref}`);
      if (key) found.set(ref, key);
    }
    const missing = refs.filter((ref) => !found.has(ref));
    if (missing.length === 0) return found;
    const vault = await vaults.of(sender, orgId);
    for (const { ref, sealed, committed } of await readOrCreate(sender, vault, orgId, missing)) {
      const key = vault.open(sealed, auditKeyContext(orgId, ref));
      found.set(ref, key);
      if (committed) cache.set(`${orgId} ${ref}`, key);
    }
    return found;
  }

  async function refsOf(sender: Sender, orgId: string, subjects: readonly string[]): Promise<Map<string, string>> {
    const raw = (await rawKeys(sender, orgId, [INDEX_REF])).get(INDEX_REF)!;
    const index = indexes.get(raw) ?? { key: createSecretKey(raw), refs: new LRUCache<string, string>({ max: CACHED_REFS }) };
    indexes.set(raw, index);
    return new Map(subjects.map((subject) => [subject, refOf(index, subject)]));
  }

  return {
    refsOf,
    async of(sender, orgId, subjects) {
      if (subjects.length === 0) return new Map();
      const refs = await refsOf(sender, orgId, subjects);
      const raw = await rawKeys(sender, orgId, [...refs.values()]);
      return new Map([...refs].map(([subject, ref]) => [subject, derive(raw.get(ref)!, ref)]));
    },
  };

  function derive(raw: Buffer, ref: string): SubjectKey {
    const known = derived.get(raw);
    if (known) return known;
    const key = subjectKey(ref, raw);
    derived.set(raw, key);
    return key;
  }
}

/** An organization's index key, and the references that were made with it lately. */
interface IndexKey {
  key: KeyObject;
  refs: LRUCache<string, string>;
}

function refOf({ key, refs }: IndexKey, subject: string): string {
  const known = refs.get(subject);
  if (known !== undefined) return known;
  const ref = createHmac('sha256', key).update(subject, 'utf8').digest('base64url');
  refs.set(subject, ref);
  return ref;
}

export const auditKeyContext = (orgId: string, ref: string): string => `audit_key:${orgId}:${ref}`;

interface StoredKey {
  ref: string;
  sealed: Buffer;
  /** False when the row was made by the transaction that reads it. */
  committed: boolean;
}

// pg_current_xact_id is that of the whole transaction, inside a savepoint too; xmin would be that of the savepoint.
const READ = `SELECT subject_ref AS ref, sealed_key AS sealed, created_in IS DISTINCT FROM pg_current_xact_id_if_assigned() AS committed
  FROM audit_keys WHERE org_id = $1 AND subject_ref = ANY ($2::text[])`;
const CREATE = `INSERT INTO audit_keys (org_id, subject_ref, sealed_key)
  SELECT $1, * FROM unnest($2::text[], $3::bytea[]) ON CONFLICT DO NOTHING`;

async function readOrCreate(sender: Sender, vault: Vault, orgId: string, refs: string[]): Promise<StoredKey[]> {
  const read = async (): Promise<StoredKey[]> =>
    (await prepared<StoredKey>(sender, 'read-subject-keys', READ, [orgId, textArray(refs)])).rows;
  const stored = await read();
  if (stored.length === refs.length) return stored;
  const known = new Set(stored.map(({ ref }) => ref));
  // Sorted, so that two transactions that make the same keys wait for each other in one order.
  const absent = refs.filter((ref) => !known.has(ref)).toSorted();
  const sealed = absent.map((ref) => vault.seal(randomBytes(KEY_BYTES), auditKeyContext(orgId, ref)));
  const created = prepared(sender, 'create-subject-keys', CREATE, [orgId, textArray(absent), byteaArray(sealed)]);
  // Those of others too, which came first.
  const [all] = await Promise.all([read(), created]);
  return all;
}
