import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';

const { resolve } = createRequire(import.meta.url);

export interface Asset {
  type: string;
  open(): string | Readable | Promise<string>;
}

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

/** The only thing the Redoc bundle would fetch from elsewhere; without it the page shows no logo. */
const REDOC_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';

const text = (type: string, content: string): Asset => ({ type, open: () => content });
const file = (type: string, path: string): Asset => ({ type, open: () => createReadStream(resolve(path)) });

const page = (title: string, head: string, body: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <link rel="icon" href="/docs/favicon-32x32.png">
    ${head}
  </head>
  <body style="margin: 0">
    ${body}
  </body>
</html>
`;

const SWAGGER_INIT = `window.ui = SwaggerUIBundle({
  url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null, persistAuthorization: false, tryItOutEnabled: true,
});
`;
const REDOC_INIT = `Redoc.init('/openapi.json', { hideDownloadButtons: false, disableGoogleFont: true }, document.getElementById('redoc'));
`;

/** The documentation pages, every byte of them from this process. Scripts are files, because the policy allows none in the page. */
export const ASSETS: Record<string, Asset> = {
  '/docs': text(
    HTML,
    page(
      'Artisan Platform API',
      '<link rel="stylesheet" href="/docs/swagger-ui.css">',
      '<div id="swagger-ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/init.js"></script>',
    ),
  ),
  '/docs/init.js': text(SCRIPT, SWAGGER_INIT),
  '/docs/swagger-ui.css': file(STYLE, 'swagger-ui-dist/swagger-ui.css'),
  '/docs/swagger-ui-bundle.js': file(SCRIPT, 'swagger-ui-dist/swagger-ui-bundle.js'),
  '/docs/favicon-32x32.png': file('image/png', 'swagger-ui-dist/favicon-32x32.png'),
  '/redoc': text(
    HTML,
    page(
      'Artisan Platform API reference',
      '',
      '<div id="redoc"></div><script src="/redoc/redoc.standalone.js"></script><script src="/redoc/init.js"></script>',
    ),
  ),
  '/redoc/init.js': text(SCRIPT, REDOC_INIT),
  '/redoc/redoc.standalone.js': {
    type: SCRIPT,
    open: async () => (await readFile(resolve('redoc/bundles/redoc.standalone.js'), 'utf8')).replaceAll(REDOC_LOGO, 'data:,'),
  },
};
