import type { Route } from './route.ts';
import { healthRoutes } from './routes/health/routes.ts';

/** The whole API on one screen. Order is the order of the documentation. */
export const api: Route[] = [...healthRoutes];
