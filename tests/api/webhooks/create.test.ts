import { verify } from 'node:crypto';
import { expect } from 'chai';
import { typeId } from '../../../server/ids.ts';
import { openHeaders } from '../../../services/webhooks/customHeaders.ts';
import { openSecrets } from '../../../services/webhooks/secrets.ts';
import { parseSigningKey } from '../../../services/webhooks/signingKey.ts';
import { createSigner } from '../../../services/webhooks/sign.ts';
import { withTenant } from '../../../db/tenancy.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { MINIMAL_WEBHOOK, auditEntries, newWebhook, rowsOf, uuidOf } from '../../support/webhooks.ts';
import type { WireCreated, WirePage, WireWebhook } from '../../support/webhooks.ts';

describe('webhooks.create', () => {
  const api = useApi();
  const acme = async (input: Parameters<typeof createOrganization>[1] = {}) => {
    const organization = await createOrganization(api.database, input);
    return { ...organization, caller: api.as(organization.key) };
  };

  describe('201', () => {
    it('fills every absent field with its documented default', async () => {
      const { caller } = await acme();
      const { body } = await caller.post<WireCreated>('/admin/webhooks', MINIMAL_WEBHOOK);
      const { id, secret, created_at, updated_at, ...rest } = body;
      expect(id).to.match(/^whk_[0-9a-z]{26}$/);
      expect(secret).to.match(/^whsec_[A-Za-z0-9+/]{43}=$/);
      expect(updated_at).to.equal(created_at);
      expect(rest).to.deep.equal({
        ...MINIMAL_WEBHOOK,
        description: null,
        timeout_seconds: 30,
        max_retries: 5,
        retry_delay_seconds: 60,
        retry_schedule_seconds: [],
        headers: {},
        max_in_flight: 10,
        rate_limit_per_second: null,
        ordered: false,
        filter: null,
        channels: [],
        signature: 'v1',
        workspace_id: null,
        status: 'active',
        verified_at: null,
        public_keys: [],
        stats: { delivered: 0, failed: 0, success_rate: null },
      });
    });

    it('returns the secret once: no later answer of any kind holds it, and the database has it sealed only', async () => {
      const { caller, orgId } = await acme();
      const { id, secret } = await newWebhook(caller);
      const answers = await Promise.all([
        caller.get(`/admin/webhooks/${id}`),
        caller.get('/admin/webhooks'),
        caller.patch(`/admin/webhooks/${id}`, { name: 'Renamed' }),
        caller.post(`/admin/webhooks/${id}/test`),
        caller.get(`/admin/webhooks/${id}/deliveries`),
        caller.patch(`/admin/webhooks/${id}`, { secret }),
      ]);
      const tables = ['webhook_endpoints', 'webhook_secrets', 'deliveries', 'events'];
      const stored = await Promise.all(tables.map((table) => rowsOf(api.database, orgId, table)));
      const views = await rowsOf(api.database, orgId, 'audit_view', {}, 'entry_id');
      const everything = [...answers.map(({ text }) => text), ...[...stored, views].map(asLatin1)].join('\n');
      expect(everything).to.not.include(secret!.slice('whsec_'.length));
      const [opened] = await withTenant(api.database.app, orgId, (trx) =>
        api.deps.vault.of(trx, orgId).then((vault) => openSecrets(trx, vault, orgId, uuidOf('whk', id), new Date())),
      );
      expect(opened).to.equal(secret);
    });

    it('keeps custom headers sealed and shows their names only', async () => {
      const { caller, orgId } = await acme();
      const headers = { Authorization: 'Bearer very-private', 'X-Source': 'artisan' };
      const created = await newWebhook(caller, { headers });
      expect(created.headers).to.deep.equal({ Authorization: '***', 'X-Source': '***' });
      const [row] = await rowsOf<{ id: string; headers_sealed: Buffer }>(api.database, orgId, 'webhook_endpoints');
      expect(row!.headers_sealed.toString('latin1')).to.not.include('very-private');
      const vault = await withTenant(api.database.app, orgId, (trx) => api.deps.vault.of(trx, orgId));
      expect(openHeaders(vault, orgId, row!.id, row!.headers_sealed)).to.deep.equal(headers);
    });

    it('v1a: hands out the public key only, and what the stored key signs verifies with it', async () => {
      const { caller, orgId } = await acme();
      const { id, secret, public_keys: publicKeys } = await newWebhook(caller, { signature: 'v1a' });
      expect(secret).to.equal(null);
      const secrets = await withTenant(api.database.app, orgId, (trx) =>
        api.deps.vault.of(trx, orgId).then((vault) => openSecrets(trx, vault, orgId, uuidOf('whk', id), new Date())),
      );
      const signature = createSigner(secrets)({ id: 'evt_1', timestampSeconds: 1, body: '{}' }).slice('v1a,'.length);
      const key = parseSigningKey(publicKeys[0]!);
      expect(
        key.scheme === 'v1a-public' && verify(null, Buffer.from('evt_1.1.{}'), key.publicKey, Buffer.from(signature, 'base64')),
      ).to.equal(true);
      expect((await caller.get<WireWebhook>(`/admin/webhooks/${id}`)).body.public_keys).to.deep.equal(publicKeys);
    });

    it('writes its audit entry with actor, target and request id', async () => {
      const { caller, orgId } = await acme();
      const { body, headers } = await caller.post<WireCreated>('/admin/webhooks', MINIMAL_WEBHOOK);
      const entries = await auditEntries(api.database, orgId, 'webhooks.create');
      expect(entries).to.have.length(1);
      expect(entries[0]).to.include({
        outcome: 'success',
        target_type: 'webhook',
        target_id: body.id,
        request_id: headers.get('x-request-id'),
      });
    });

    it('answers a repeat with the same Idempotency-Key with the first answer, and makes one endpoint', async () => {
      const { caller } = await acme();
      const send = () => caller.post<WireCreated>('/admin/webhooks', MINIMAL_WEBHOOK, { 'idempotency-key': 'create-1' });
      const [first, second] = [await send(), await send()];
      expect(second.status).to.equal(201);
      expect(second.text).to.equal(first.text);
      expect((await caller.get<WirePage<WireWebhook>>('/admin/webhooks')).body.data).to.have.length(1);
    });

    it('takes the tenant from the path only when it is the own one', async () => {
      const [own, stranger] = [await acme(), await acme()];
      const at = (orgId: string) => own.caller.post(`/admin/${typeId('org', orgId)}/webhooks`, MINIMAL_WEBHOOK);
      expect((await at(own.orgId)).status).to.equal(201);
      expect((await at(stranger.orgId)).status).to.equal(404);
      expect(await rowsOf(api.database, stranger.orgId, 'webhook_endpoints')).to.deep.equal([]);
    });

    it('a credential bound to a workspace makes endpoints of that workspace', async () => {
      const organization = await acme();
      const bound = await createApiKey(api.database, organization, { workspaceId: organization.workspaceId });
      const { workspace_id: workspaceId } = await newWebhook(api.as(bound.key));
      expect(uuidOf('wsp', workspaceId!)).to.equal(organization.workspaceId);
    });
  });

  it('leaves nothing behind when the audit append fails: no endpoint, no secret, no stored answer', async () => {
    const { caller, orgId } = await acme();
    await api.asOwner((owner) => owner.raw('REVOKE INSERT ON audit_leaf FROM artisan_app'));
    try {
      const { status } = await caller.post('/admin/webhooks', MINIMAL_WEBHOOK, { 'idempotency-key': 'create-3' });
      expect(status).to.equal(500);
    } finally {
      await api.asOwner((owner) => owner.raw('GRANT INSERT ON audit_leaf TO artisan_app'));
    }
    for (const table of ['webhook_endpoints', 'webhook_secrets']) expect(await rowsOf(api.database, orgId, table)).to.deep.equal([]);
    expect(await rowsOf(api.database, orgId, 'idempotency_keys', { state: 'done' }, 'key')).to.deep.equal([]);
    expect((await caller.post('/admin/webhooks', MINIMAL_WEBHOOK, { 'idempotency-key': 'create-3' })).status).to.equal(201);
  });
});

/** Rows as one text in which sealed bytes would show if they were not sealed. */
function asLatin1(rows: object[]): string {
  return JSON.stringify(rows, (_key, value: unknown) => {
    const isBytes = typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value;
    return isBytes ? Buffer.from(value.data as number[]).toString('latin1') : value;
  });
}
