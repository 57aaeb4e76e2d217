import type { Deps } from '../../deps.ts';
import type { Mount } from '../mounts.ts';
import type { Step } from '../state.ts';

/** The keys of cursors and fingerprints are read with the first request, unless the process did so when it started. Throws service_unavailable. */
export function loadKeys(_mount: Mount, { derivedKeys }: Deps): Step {
  return async (ctx, next) => {
    if (!derivedKeys.loaded) await derivedKeys.load();
    return next(ctx);
  };
}
