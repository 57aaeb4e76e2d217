import { LRUCache } from 'lru-cache';
import { goodFor } from '../goodFor.ts';
import type { KeyRecord } from './keyRecord.ts';

interface Bounds {
  max: number;
  ttlMs: number;
}

/** Keys that were looked up, by their public id. What their power hangs on makes them forgotten: `org:<uuid>`, `user:<uuid>`. */
export class KnownKeys {
  readonly #records: LRUCache<string, KeyRecord>;
  readonly #keyIdsOf = new Map<string, Set<string>>();

  constructor({ max, ttlMs }: Bounds) {
    this.#records = new LRUCache({ max, ...goodFor(ttlMs), dispose: (record, keyId) => this.#unlink(record, keyId) });
  }

  get(keyId: string): KeyRecord | undefined {
    return this.#records.get(keyId);
  }

  set(keyId: string, record: KeyRecord): void {
    this.#records.set(keyId, record);
    for (const subject of subjectsOf(record)) {
      const keyIds = this.#keyIdsOf.get(subject);
      if (keyIds) keyIds.add(keyId);
      else this.#keyIdsOf.set(subject, new Set([keyId]));
    }
  }

  forget(keyId: string): void {
    this.#records.delete(keyId);
  }

  forgetOf(subject: string): void {
    for (const keyId of this.#keyIdsOf.get(subject) ?? []) this.#records.delete(keyId);
  }

  clear(): void {
    this.#records.clear();
  }

  #unlink(record: KeyRecord, keyId: string): void {
    for (const subject of subjectsOf(record)) {
      const keyIds = this.#keyIdsOf.get(subject);
      keyIds?.delete(keyId);
      if (keyIds?.size === 0) this.#keyIdsOf.delete(subject);
    }
  }
}

function subjectsOf({ orgId, ownerUserId }: KeyRecord): string[] {
  return ownerUserId === null ? [`org:${orgId}`] : [`org:${orgId}`, `user:${ownerUserId}`];
}
