import type { Actor } from '../context.ts';
import { runInTenant } from '../runInTenant.ts';
import { appendAudit } from './append.ts';

/** Records that somebody asked for what they may not do. */
export async function auditDenial(
  deps: Parameters<typeof runInTenant>[0],
  actor: Actor,
  /** `lacks`: a permission, or another thing that stays the same for ever. */
  { operationId, lacks }: { operationId: string; lacks: string },
): Promise<void> {
  await runInTenant(deps, actor, (tenant) =>
    appendAudit(tenant, {
      action: operationId,
      category: 'authorization',
      severity: 'warning',
      outcome: 'denied',
      reason: `lacks ${lacks}`,
      targets: [],
    }),
  );
}
