import type { Route } from './route.ts';
import { eventRoutes } from './routes/events/routes.ts';
import { healthRoutes } from './routes/health/routes.ts';
import { deliveryRoutes } from './routes/webhooks/deliveryRoutes.ts';
import { webhookRoutes } from './routes/webhooks/routes.ts';

/** The whole API on one screen. Order is the order of the documentation. */
export const api: Route[] = [...eventRoutes, ...webhookRoutes, ...deliveryRoutes, ...healthRoutes];
