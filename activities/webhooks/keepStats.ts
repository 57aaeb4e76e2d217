import { startWebhookStats } from '../../services/webhooks/stats/lifecycle.ts';
import type { ActivityDeps } from '../deps.ts';
import { keepStarted } from '../keepStarted.ts';

/** Sees to it that attempts are counted. */
export const keepStats = (deps: ActivityDeps): Promise<void> =>
  keepStarted(deps, 'counting attempts', () => startWebhookStats(deps.temporal));
