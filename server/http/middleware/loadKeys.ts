import type { Deps } from '../../deps.ts';
import type { Mount } from '../mounts.ts';
import type { Step } from '../state.ts';

/**
 * The keys of cursors and fingerprints are read with the first request, unless the process did so when it started. A public read has neither:
 * liveness asks nothing of Postgres. Throws service_unavailable.
 */
export function loadKeys({ route }: Mount, { derivedKeys }: Deps): Step | null {
  if (route.public && route.method === 'GET') return null;
  const loadFirst: Step = async (ctx, next) => {
    await derivedKeys.load();
    return next(ctx);
  };
  return (ctx, next) => (derivedKeys.loaded ? next(ctx) : loadFirst(ctx, next));
}
