import { LRUCache } from 'lru-cache';
import type { Logger } from '../../server/logger.ts';
import { appendAudit } from '../audit/append.ts';
import { bestEffort } from '../bestEffort.ts';
import type { Actor } from '../context.ts';
import type { ErrorCodeName } from '../errors/codes.ts';
import { goodFor } from '../goodFor.ts';
import { runInTenant } from '../runInTenant.ts';

type TenantDeps = Parameters<typeof runInTenant>[0];

/** Of what one key is refused for, one entry in this time: who keeps knocking must not fill the log. */
const QUIET_MS = 60_000;
const REMEMBERED = 10_000;

/** Tells the audit log that a genuine key was refused: stolen ones show here, and ones that somebody forgot to replace. */
export class RefusalLog {
  readonly #deps: TenantDeps & { logger: Logger };
  readonly #told = new LRUCache<string, true>({ max: REMEMBERED, ...goodFor(QUIET_MS) });

  constructor(deps: TenantDeps & { logger: Logger }) {
    this.#deps = deps;
  }

  /** `actor` is the key; `reason` the code that it is answered. Never throws: a refusal stands even when it cannot be recorded. */
  async tell(actor: Actor, operationId: string, reason: ErrorCodeName): Promise<void> {
    const topic = `${actor.id} ${reason}`;
    if (this.#told.has(topic)) return;
    this.#told.set(topic, true);
    const write = runInTenant(this.#deps, actor, (tenant) =>
      appendAudit(tenant, { action: operationId, category: 'authentication', severity: 'warning', outcome: 'denied', reason, targets: [] }),
    );
    await bestEffort(this.#deps.logger, 'a refusal stands even when it cannot be recorded', write);
  }
}
