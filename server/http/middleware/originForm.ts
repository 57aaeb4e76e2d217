import type { Middleware } from 'koa';

/**
 * A target in absolute form (`GET http://host/path`, RFC 9112 section 3.2.2) is read as its path; one that is no URL as a path that nobody has.
 * What follows need not expect that asking for the path throws.
 */
export const originForm: Middleware = ({ req }, next) => {
  const { url = '/' } = req;
  if (!url.startsWith('/')) {
    const target = URL.parse(url);
    req.url = target?.pathname.startsWith('/') ? target.pathname + target.search : '/';
  }
  return next();
};
