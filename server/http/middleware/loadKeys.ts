import type { Deps } from '../../deps.ts';
import type { Mount } from '../mounts.ts';
import type { Step } from '../state.ts';

/**
 * The keys of cursors and fingerprints are read with the first request, unless the process did so when it started. A public read has neither:
 * liveness asks nothing of Postgres. Throws service_unavailable.
 */
export function loadKeys({ route }: Mount, { derivedKeys }: Deps): Step | null {
  if (route.public && route.method === 'GET') return null;
  return async (ctx, next) => {
    if (!derivedKeys.loaded) await derivedKeys.load();
    return next(ctx);
  };
}
