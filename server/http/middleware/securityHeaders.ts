import helmet from 'koa-helmet';
import type { Context, Middleware } from 'koa';

/** An answer of the API is data: nothing of it may run, load or be framed. */
const DATA = await headersOf({ defaultSrc: ["'none'"], frameAncestors: ["'none'"] });

/** Scripts from this origin only. Styles may stand inline, because Redoc and Swagger UI write theirs into the page. */
const PAGE = await headersOf({
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
});

/** Pages with a form that posts to itself: styles and the one script from this origin, nothing in the page, nothing from elsewhere. */
const FORM = await headersOf({
  defaultSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  imgSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
});

export const securityHeaders: Middleware = (ctx, next) => {
  setAll(ctx, DATA);
  return next();
};

/** In place of the strict ones, for the documentation pages. */
export const setPageHeaders = (ctx: Context): void => setAll(ctx, PAGE);

/** In place of the strict ones, for pages of accounts. */
export const setFormHeaders = (ctx: Context): void => setAll(ctx, FORM);

function setAll({ res }: Context, headers: [string, string][]): void {
  for (const [name, value] of headers) res.setHeader(name, value);
}

/**
 * What helmet sets. Asked once: it is the same for every answer, and asking each time costs more than the rest of the chain.
 * Left out is what only browsers of long ago understood.
 */
async function headersOf(directives: Record<string, string[]>): Promise<[string, string][]> {
  const headers: [string, string][] = [];
  const res = { setHeader: (name: string, value: string) => headers.push([name, value]), removeHeader: () => {} };
  const middleware = helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
  await middleware({ req: {}, res } as unknown as Context, async () => {});
  return headers;
}
