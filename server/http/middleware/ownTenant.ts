import { parseTypeId } from '../../ids.ts';
import { notFound } from '../notFound.ts';
import type { Mount } from '../mounts.ts';
import type { Step } from '../state.ts';

/** Where the path names the organization, it must be the credential's own: any other is the masked 404. */
export function ownTenant({ tenantInPath }: Mount): Step | null {
  if (!tenantInPath) return null;
  return (ctx, next) => {
    const named = parseTypeId('org', ctx.state.pathParams['tenant_id'] ?? '');
    if (named === null || named !== ctx.state.actor?.orgId) throw notFound();
    return next(ctx);
  };
}
