import { parseTypeId } from '../../ids.ts';
import { notFound } from '../notFound.ts';
import type { Mount } from '../mounts.ts';
import type { Step } from '../state.ts';

/** Where the path names the organization, it must be the credential's own: any other is the masked 404. Both spellings are one request from here on. */
export function ownTenant({ tenantInPath }: Mount): Step | null {
  if (!tenantInPath) return null;
  return (ctx, next) => {
    const { tenant_id: tenantId, organization_id: organizationId, ...others } = ctx.state.pathParams;
    const named = parseTypeId('org', tenantId ?? organizationId ?? '');
    if (named === null || named !== ctx.state.actor?.orgId) throw notFound();
    ctx.state.pathParams = others;
    return next(ctx);
  };
}
