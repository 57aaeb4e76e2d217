import { expect } from 'chai';
import { PUBLISHABLE_EVENT_TYPES } from '../../../services/eventTypes/registry.ts';
import type { EventTypeOut, EventTypeSummary } from '../../../server/http/routes/eventTypes/schemas.ts';
import type { z } from 'zod';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { auditEntries, rowsOf } from '../../support/webhooks.ts';
import type { WirePage } from '../../support/webhooks.ts';

type Detail = z.output<typeof EventTypeOut>;
type Summary = z.output<typeof EventTypeSummary>;

const SCHEMA = { type: 'object', required: ['amount'], properties: { amount: { type: 'number', minimum: 0 } } };
const INVOICE = { name: 'invoice.paid', description: 'An invoice was paid.', schema: SCHEMA };
const PATH = '/admin/event-types';

describe('event types', () => {
  const api = useApi();
  const acme = async () => {
    const organization = await createOrganization(api.database);
    return { organization, caller: api.as(organization.key) };
  };

  describe('event_types.create, event_types.get', () => {
    it('201: makes a type, then its next versions; every version stays readable as it was written', async () => {
      const { organization, caller } = await acme();
      const { status, body } = await caller.post<Detail>(PATH, INVOICE);
      expect(status).to.equal(201);
      const [first] = body.versions;
      expect(body).to.deep.equal({
        ...INVOICE,
        kind: 'custom',
        version: 1,
        has_schema: true,
        created_at: first!.created_at,
        versions: [{ version: 1, created_at: first!.created_at }],
      });
      const second = (await caller.post<Detail>(PATH, { name: INVOICE.name })).body;
      expect(second).to.include({ version: 2, has_schema: false, description: null, schema: null });
      expect(second.versions.map(({ version }) => version)).to.deep.equal([2, 1]);
      expect((await caller.get<Detail>(`${PATH}/invoice.paid`)).body).to.deep.equal(second);
      const earlier = (await caller.get<Detail>(`${PATH}/invoice.paid?version=1`)).body;
      expect(earlier).to.deep.include({ version: 1, description: INVOICE.description, schema: SCHEMA });
      expect(JSON.stringify(earlier.schema)).to.equal(JSON.stringify(SCHEMA));
      const entries = await auditEntries(api.database, organization.orgId, 'event_types.create');
      expect(entries.map((entry) => [entry.target_type, entry.target_id])).to.deep.equal(Array(2).fill(['event_type', 'invoice.paid']));
    });

    it('versions made at the same time are numbered one after the other', async () => {
      const { organization, caller } = await acme();
      const answers = await Promise.all(Array.from({ length: 10 }, () => caller.post<Detail>(PATH, INVOICE)));
      expect(answers.map(({ body }) => body.version).toSorted((a, b) => a! - b!)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(await rowsOf(api.database, organization.orgId, 'event_types')).to.have.length(10);
    });

    it('a repeat with the same Idempotency-Key makes no further version', async () => {
      const { organization, caller } = await acme();
      for (let repeat = 0; repeat < 2; repeat += 1) await caller.post(PATH, INVOICE, { 'idempotency-key': 'k' });
      expect(await rowsOf(api.database, organization.orgId, 'event_types')).to.have.length(1);
    });

    const faults: [name: string, fields: object, location: string, message: RegExp][] = [
      ['no name', { name: undefined }, 'body.name', /required/],
      ['a name of one part', { name: 'invoice' }, 'body.name', /joined by dots/],
      ['a name with capitals', { name: 'Invoice.paid' }, 'body.name', /lower-case/],
      ['a wildcard', { name: 'invoice.*' }, 'body.name', /joined by dots/],
      ['a schema that is a list', { schema: [] }, 'body.schema', /JSON Schema/],
      ['a type that is none', { schema: { type: 'objekt' } }, 'body.schema', /schema is invalid/],
      ['a misspelt keyword', { schema: { requried: ['a'] } }, 'body.schema', /unknown keyword: "requried"/],
      ['a reference that leads nowhere', { schema: { $ref: '#/$defs/no' } }, 'body.schema', /resolve reference/],
      ['a remote reference', { schema: { properties: { a: { $ref: 'https://x.example/s' } } } }, 'body.schema.properties.a.$ref', /#/],
      ['a pattern that is none', { schema: { pattern: '(' } }, 'body.schema', /Invalid regular expression/],
      ['another draft', { schema: { $schema: 'http://json-schema.org/draft-07/schema#' } }, 'body.schema.$schema', /2020-12/],
      ['an asynchronous schema', { schema: { $async: true } }, 'body.schema.$async', /not supported/],
      ['a schema of more than 64 KiB', { schema: { description: 'x'.repeat(65_536) } }, 'body.schema', /at most 65536/],
    ];
    for (const [name, fields, location, message] of faults) {
      it(`400: ${name}, at ${location}`, async () => {
        const { organization, caller } = await shared();
        const { status, body } = await caller.post(PATH, { ...INVOICE, ...fields });
        expect([status, body.code]).to.deep.equal([400, 'validation_failed']);
        expect(body.errors?.find((error) => error.location === location)?.message, JSON.stringify(body.errors)).to.match(message);
        expect(await rowsOf(api.database, organization.orgId, 'event_types')).to.deep.equal([]);
      });
    }

    it('409: a built-in name; 422: a name in a group of the platform', async () => {
      const { caller } = await shared();
      for (const name of ['lead.created', 'webhook.test', 'api_key.rotated']) {
        const { status, body } = await caller.post(PATH, { name });
        expect([status, body.code]).to.deep.equal([409, 'conflict']);
      }
      const { status, body } = await caller.post(PATH, { name: 'webhook.mine' });
      expect([status, body.code, body.errors?.[0]?.location]).to.deep.equal([422, 'reserved_event_type', 'body.name']);
    });

    it('401, 403: needs webhook.write to create and webhook.read to read', async () => {
      const { organization } = await shared();
      const reader = api.as((await createApiKey(api.database, organization, { scopes: ['webhook.read'] })).key);
      const publisher = api.as((await createApiKey(api.database, organization, { scopes: ['event.publish'] })).key);
      expect((await api.as(null).post(PATH, INVOICE)).status).to.equal(401);
      expect((await reader.post(PATH, INVOICE)).body.detail).to.include('webhook.write');
      expect((await reader.get(PATH)).status).to.equal(200);
      for (const path of [PATH, `${PATH}/lead.created`]) expect((await publisher.get(path)).body.detail).to.include('webhook.read');
    });

    it('404: a type of another organization is one that does not exist, and so is a version', async () => {
      const [ours, theirs] = [await acme(), await acme()];
      await theirs.caller.post(PATH, INVOICE);
      expect((await ours.caller.get(`${PATH}/invoice.paid`)).status).to.equal(404);
      expect((await theirs.caller.get(`${PATH}/invoice.paid?version=2`)).status).to.equal(404);
      expect((await theirs.caller.get(`${PATH}/lead.created?version=1`)).status).to.equal(404);
    });
  });

  describe('event_types.list', () => {
    it('200: built-in types, then own ones by name, in pages', async () => {
      const { caller } = await acme();
      for (const name of ['zebra.seen', 'invoice.paid', 'invoice.paid']) await caller.post(PATH, { name });
      const names: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body }: { body: WirePage<Summary> } = await caller.get<WirePage<Summary>>(
          `${PATH}?limit=7${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
        );
        names.push(...body.data.map(({ name }) => name));
        cursor = body.next_cursor;
      }
      expect(names.slice(0, 13)).to.deep.equal([...PUBLISHABLE_EVENT_TYPES]);
      expect(names.slice(-2)).to.deep.equal(['invoice.paid', 'zebra.seen']);
      const { body } = await caller.get<WirePage<Summary>>(`${PATH}?limit=200`);
      expect(body.data.map(({ name }) => name)).to.deep.equal(names);
      expect(body.data.at(-2)).to.include({ kind: 'custom', version: 2, has_schema: false });
      expect(body.data[0]).to.include({ kind: 'business', version: null, created_at: null });
      expect((await caller.get(`${PATH}?cursor=x`)).body.code).to.equal('invalid_cursor');
    });
  });

  let once: ReturnType<typeof acme> | undefined;
  const shared = () => (once ??= acme());
});
