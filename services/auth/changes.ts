import { LRUCache } from 'lru-cache';
import { goodFor } from '../goodFor.ts';

/** Subjects are what `access_changed` names: `org:<uuid>`, `user:<uuid>`. */
const SUBJECTS = 100_000;

/**
 * What changed, in order: whoever keeps something remembers the position at which reading it began, and asks later whether a subject of it
 * changed since. That covers changes that come while it is read. `forMs`: the longest that anything is kept.
 */
export class Changes {
  readonly #latest: LRUCache<string, number>;
  #position = 0;
  #everything = 0;

  constructor(forMs: number) {
    this.#latest = new LRUCache({ max: SUBJECTS, ...goodFor(forMs) });
  }

  get position(): number {
    return this.#position;
  }

  note(subject: string): void {
    this.#latest.set(subject, ++this.#position);
  }

  /** Changes may have been missed. */
  noteAll(): void {
    this.#everything = ++this.#position;
  }

  since(position: number, subjects: readonly string[]): boolean {
    return this.#everything > position || subjects.some((subject) => (this.#latest.get(subject) ?? 0) > position);
  }
}
