import { startOutboxRelay } from '../../services/outbox/lifecycle.ts';
import type { ActivityDeps } from '../deps.ts';
import { keepStarted } from '../keepStarted.ts';

/** Sees to it that the relay runs. */
export const keepRelay = (deps: ActivityDeps, everyMs?: number): Promise<void> =>
  keepStarted(deps, 'the relay', () => startOutboxRelay(deps.temporal), everyMs);
