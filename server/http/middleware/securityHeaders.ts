import helmet from 'koa-helmet';
import type { Context, Middleware } from 'koa';

/** Scripts from this origin only. Styles may stand inline, because Redoc and Swagger UI write theirs into the page. */
const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    baseUri: ["'none'"],
    connectSrc: ["'self'"],
    fontSrc: ["'self'", 'data:'],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
    imgSrc: ["'self'", 'data:'],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    workerSrc: ["'self'", 'blob:'],
  },
};

/** What helmet sets. Asked once: it is the same for every answer, and asking each time costs more than the rest of the chain. */
const HEADERS: [string, string][] = [];
const collector = { setHeader: (name: string, value: string) => HEADERS.push([name, value]), removeHeader: () => {} };
await helmet({ contentSecurityPolicy: CONTENT_SECURITY_POLICY })({ req: {}, res: collector } as unknown as Context, async () => {});

export const securityHeaders: Middleware = (ctx, next) => {
  for (const [name, value] of HEADERS) ctx.res.setHeader(name, value);
  return next();
};
