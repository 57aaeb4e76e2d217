import { LRUCache } from 'lru-cache';
import type { Transaction } from 'objection';
import { newestEventTypes } from '../../db/queries/newestEventTypes.ts';
import { goodFor } from '../goodFor.ts';
import { compileSchema } from './schema/compile.ts';
import type { Validator } from './schema/compile.ts';

/** How long another process may go on with the version before. */
const FRESH_MS = 2_000;
const MAX_TYPES = 10_000;
const MAX_VALIDATORS = 500;

interface OwnTypesDeps {
  inTenant: <T>(orgId: string, work: (trx: Transaction) => Promise<T>) => Promise<T>;
}

/** An own type as publishing needs it. null: events of it may hold anything. */
export interface OwnType {
  version: number;
  validate: Validator | null;
}

/** The own event types of organizations, for publishing: read when a type is named that is not built in, and remembered for 2 s. */
export class OwnTypes {
  readonly #deps: OwnTypesDeps;
  readonly #newest = new LRUCache<string, OwnType>({ max: MAX_TYPES, ...goodFor(FRESH_MS) });
  readonly #validators = new LRUCache<string, Validator>({ max: MAX_VALIDATORS });

  constructor(deps: OwnTypesDeps) {
    this.#deps = deps;
  }

  /** Those of the names that are types of the organization. Throws service_unavailable. */
  async find(orgId: string, names: readonly string[]): Promise<Map<string, OwnType>> {
    const found = new Map<string, OwnType>();
    const missing = names.filter((name) => {
      const own = this.#newest.get(keyOf(orgId, name));
      if (own) found.set(name, own);
      return own === undefined;
    });
    if (missing.length === 0) return found;
    for (const { name, version, schema } of await this.#deps.inTenant(orgId, (trx) => newestEventTypes(trx, orgId, missing))) {
      const own = { version, validate: schema === null ? null : this.#validatorOf(keyOf(orgId, name, version), schema) };
      this.#newest.set(keyOf(orgId, name), own);
      found.set(name, own);
    }
    return found;
  }

  /** The next publication reads the type again. Call it after the commit of a new version. */
  forget(orgId: string, name: string): void {
    this.#newest.delete(keyOf(orgId, name));
  }

  /** A version never changes, so what was compiled once stays right. */
  #validatorOf(key: string, schema: Record<string, unknown>): Validator {
    const known = this.#validators.get(key);
    if (known) return known;
    const validator = compileSchema(schema, { trusted: true });
    this.#validators.set(key, validator);
    return validator;
  }
}

const keyOf = (...parts: (string | number)[]): string => parts.join(' ');
