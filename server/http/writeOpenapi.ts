import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { api } from './api.ts';
import { openApiDocument } from './openapi/document.ts';

writeFileSync(join(import.meta.dirname, '../../openapi.json'), `${JSON.stringify(openApiDocument(api), null, 2)}\n`);
