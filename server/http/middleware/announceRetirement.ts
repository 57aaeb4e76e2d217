import { typeId } from '../../ids.ts';
import type { Mount } from '../mounts.ts';
import type { Step } from '../state.ts';

/**
 * Tells the holder of a key that was rotated, with every answer, that it was, until when it works, and where to see more:
 * `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link` (RFC 8288). What is deprecated is the key, not the operation.
 */
export function announceRetirement({ route }: Mount): Step | null {
  if (route.public) return null;
  return (ctx, next) => {
    const { key } = ctx.state;
    if (!key?.retiresAt || !key.rotatedAt) return next(ctx);
    ctx.set('Deprecation', `@${Math.floor(key.rotatedAt.getTime() / 1_000)}`);
    ctx.set('Sunset', key.retiresAt.toUTCString());
    const rotation = `/api/v1/admin/api-keys/${typeId('key', key.id)}/rotation`;
    ctx.append('Link', [`<${rotation}>; rel="sunset"; type="application/json"`, '</docs>; rel="deprecation"; type="text/html"']);
    return next(ctx);
  };
}
