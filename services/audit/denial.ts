import type { Actor } from '../context.ts';
import type { Permission } from '../permissions.ts';
import { runInTenant } from '../runInTenant.ts';
import { appendAudit } from './append.ts';

/** Records that somebody asked for what they may not do. */
export async function auditDenial(
  deps: Parameters<typeof runInTenant>[0],
  actor: Actor,
  { operationId, permission }: { operationId: string; permission: Permission },
): Promise<void> {
  await runInTenant(deps, actor, (tenant) =>
    appendAudit(tenant, {
      action: operationId,
      category: 'authorization',
      severity: 'warning',
      outcome: 'denied',
      reason: `lacks ${permission}`,
      targets: [],
    }),
  );
}
