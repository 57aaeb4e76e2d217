import type { Deps } from '../deps.ts';
import { announceRetirement } from './middleware/announceRetirement.ts';
import { authenticate } from './middleware/authenticate.ts';
import { authorize } from './middleware/authorize.ts';
import { countRefusals } from './middleware/countRefusals.ts';
import { handle } from './middleware/handle.ts';
import { idempotency } from './middleware/idempotency.ts';
import { loadKeys } from './middleware/loadKeys.ts';
import { mfaPolicy } from './middleware/mfaPolicy.ts';
import { ownTenant } from './middleware/ownTenant.ts';
import { parse } from './middleware/parse.ts';
import { present } from './middleware/present.ts';
import { rateLimit } from './middleware/rateLimit.ts';
import { workspace } from './middleware/workspace.ts';
import type { Mount } from './mounts.ts';
import type { Next, Step } from './state.ts';

/** What happens to a request of an operation, in this order. A factory answers null when its step has nothing to do there. */
export const STEPS: Record<string, (mount: Mount, deps: Deps) => Step | null> = {
  countRefusals,
  authenticate,
  announceRetirement,
  ownTenant,
  rateLimit,
  mfaPolicy,
  workspace,
  authorize,
  parse,
  loadKeys,
  idempotency,
  handle,
  present,
};

/** The steps of one mounted route as one function, put together at start. */
export function compile(mount: Mount, deps: Deps): Next {
  const steps = Object.values(STEPS)
    .map((factory) => factory(mount, deps))
    .filter((step) => step !== null);
  return steps.reduceRight<Next>(
    (next, step) => (ctx) => step(ctx, next),
    () => undefined,
  );
}
