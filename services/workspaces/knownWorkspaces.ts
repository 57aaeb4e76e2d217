import { LRUCache } from 'lru-cache';
import { goodFor } from '../goodFor.ts';
import type { Transaction } from 'objection';

/** How long a workspace that was deleted may still be named. */
const FRESH_MS = 5_000;
const MAX_WORKSPACES = 10_000;

interface KnownWorkspacesDeps {
  inTenant: <T>(orgId: string, work: (trx: Transaction) => Promise<T>) => Promise<T>;
}

/** Which workspaces organizations have, for requests that name one in a header. What is not there is never remembered. */
export class KnownWorkspaces {
  readonly #deps: KnownWorkspacesDeps;
  readonly #known = new LRUCache<string, true>({ max: MAX_WORKSPACES, ...goodFor(FRESH_MS) });

  constructor(deps: KnownWorkspacesDeps) {
    this.#deps = deps;
  }

  /** Whether the workspace exists and is this organization's (uuids). Throws service_unavailable. */
  async has(orgId: string, workspaceId: string): Promise<boolean> {
    const key = `${orgId} ${workspaceId}`;
    if (this.#known.has(key)) return true;
    const found = await this.#deps.inTenant(orgId, (trx) =>
      trx('workspaces').where({ org_id: orgId, id: workspaceId }).whereNull('deleted_at').first<{ id: string } | undefined>('id'),
    );
    if (found) this.#known.set(key, true);
    return found !== undefined;
  }
}
