import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { AnySchema } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { z } from 'zod';
import { api } from '../../server/http/api.ts';
import { newId, parseTypeId, typeId } from '../../server/ids.ts';
import type { IdPrefix } from '../../server/ids.ts';
import { errorsOf } from '../../server/http/errorsOf.ts';
import { canonicalPath } from '../../server/http/mounts.ts';
import { openApiDocument } from '../../server/http/openapi/document.ts';
import { ERROR_CODES } from '../../services/errors/codes.ts';

const root = join(import.meta.dirname, '../..');

interface Media {
  schema: object;
  example?: unknown;
}
interface Operation {
  operationId: string;
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
  security?: unknown[];
  'x-permission'?: string;
}

const committed = JSON.parse(readFileSync(join(root, 'openapi.json'), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};

describe('guard: openapi.json', () => {
  it('is what the list of routes gives; `npm run openapi` writes it', () => {
    expect(committed).to.deep.equal(JSON.parse(JSON.stringify(openApiDocument(api))));
  });

  it('passes redocly lint without an error or a warning, and without a request to anywhere', async function () {
    this.timeout(30_000);
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };
    const cli = join(root, 'node_modules/@redocly/cli/bin/cli.js');
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'lint', '--format=json'], { cwd: root, env });
    const { totals } = JSON.parse(stdout) as { totals: { errors: number; warnings: number } };
    expect(totals).to.include({ errors: 0, warnings: 0 });
  });

  it('every operation has an id of its own, is public, for sessions, or names its permission, and refuses unknown fields', () => {
    const ids = api.map(({ operationId }) => operationId);
    expect(ids).to.have.length(new Set(ids).size);
    for (const { operationId, public: open, signedIn, anyCredential, permission, body, query, params } of api) {
      expect(
        [open, anyCredential, permission ?? signedIn].filter((way) => way !== undefined),
        operationId,
      ).to.have.length(1);
      for (const schema of [body, query, params]) expect(isStrict(schema), `${operationId}: use z.strictObject`).to.equal(true);
    }
  });

  it('gives no bounds of JavaScript for bounds of the API', () => {
    expect(JSON.stringify(committed)).to.not.contain(String(Number.MAX_SAFE_INTEGER));
  });

  it('documents every status and code that an operation can answer', () => {
    for (const route of api) {
      const operation = committed.paths[canonicalPath(route)]![route.method.toLowerCase()]!;
      const statuses = [...Object.keys(route.responses), ...errorsOf(route).map((code) => String(ERROR_CODES[code].status))];
      expect(operation.responses, route.operationId).to.include.all.keys(...new Set(statuses));
      expect(operation['x-permission']).to.equal(route.permission);
    }
  });

  it('says of every id in a path what it looks like, as precisely as requests are judged', () => {
    type Parameter = { name?: string; in?: string; schema?: { pattern?: string; 'x-id-prefix'?: IdPrefix } };
    const inPaths = Object.values(committed.paths).flatMap((path) =>
      Object.values(path).flatMap((operation) => (operation as { parameters?: Parameter[] }).parameters ?? []),
    );
    const ids = inPaths.flatMap(({ schema }) =>
      schema?.['x-id-prefix'] ? [{ prefix: schema['x-id-prefix'], pattern: schema.pattern }] : [],
    );
    expect(ids.map(({ prefix }) => prefix)).to.include.members(['whk', 'dlv', 'evt']);
    for (const { prefix, pattern } of ids) {
      const good = typeId(prefix, newId());
      for (const text of [
        good,
        `${prefix}_7${'z'.repeat(25)}`,
        `${prefix}_8${good.slice(-25)}`,
        good.toUpperCase(),
        `${good}0`,
        `x${good}`,
      ]) {
        expect(new RegExp(pattern ?? '').test(text), text).to.equal(parseTypeId(prefix, text) !== null);
      }
    }
  });

  it('its examples fit its schemas', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: true });
    addFormats.default(ajv);
    ajv.addSchema({ $id: 'https://artisan.example/openapi.json', ...committed } as AnySchema);
    for (const { operationId, requestBody, responses } of Object.values(committed.paths).flatMap((path) => Object.values(path))) {
      for (const { content } of [requestBody, ...Object.values(responses)].filter((part) => part !== undefined)) {
        const { schema, example } = content?.['application/json'] ?? {};
        if (!schema || example === undefined) continue;
        const pointed = JSON.stringify(schema).replaceAll('"#/', '"https://artisan.example/openapi.json#/');
        const validate = ajv.compile(JSON.parse(pointed) as AnySchema);
        expect(validate(example), `${operationId}: ${ajv.errorsText(validate.errors)}`).to.equal(true);
      }
    }
  });
});

function isStrict(schema: z.ZodType | undefined): boolean {
  if (schema === undefined) return true;
  if (schema instanceof z.ZodPrefault) return isStrict(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodObject && schema.def.catchall?._zod.def.type === 'never';
}
