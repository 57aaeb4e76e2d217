import type { ExpressResult } from '../../../services/webhooks/express/record.ts';
import type { WebhookPost } from '../postWebhook.ts';
import type { Exchange, RunningExchange } from '../runningExchange.ts';
import type { ExpressStore } from './expressStore.ts';

export interface ExpressOptions {
  shard: number;
  store: ExpressStore;
  inTurn: (orgId: string, send: () => void) => void;
  post: (request: WebhookPost, running: Set<RunningExchange>) => Promise<Exchange>;
  lifeMs: number;
  lingerMs: number;
  stop: AbortSignal;
  observe: (result: ExpressResult) => void;
}
