import { expect } from 'chai';
import { withTenant } from '../../../db/tenancy.ts';
import { decodeDisclosure, openDisclosure } from '../../../services/audit/disclosure.ts';
import { openHeaders } from '../../../services/webhooks/customHeaders.ts';
import { typeId } from '../../../server/ids.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { createWorkspace } from '../../support/workspaces.ts';
import { auditEntries, newWebhook, rowsOf } from '../../support/webhooks.ts';
import type { WireWebhook } from '../../support/webhooks.ts';

describe('webhooks.update', () => {
  const api = useApi();
  const endpoint = async (fields: object = {}) => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const { secret: _secret, ...webhook } = await newWebhook(caller, fields);
    return { organization, caller, webhook, path: `/admin/webhooks/${webhook.id}` };
  };

  /** What the one entry of an update discloses. */
  async function auditedChange(orgId: string, webhookId: string): Promise<{ before: object; after: object }> {
    const [entry] = await rowsOf<{ entry_id: string }>(api.database, orgId, 'audit_view', { action: 'webhooks.update' }, 'entry_id');
    const where = { entry_id: entry!.entry_id, path: 'chg' };
    const [row] = await rowsOf<{ enc_disclosure: Buffer }>(api.database, orgId, 'audit_disclosure', where, 'path');
    const subject = `webhook:${webhookId}`;
    const keys = await withTenant(api.database.app, orgId, (trx) => api.deps.subjectKeys.of(trx, orgId, [subject]));
    const encoded = openDisclosure(keys.get(subject)!, entry!.entry_id, 'chg', row!.enc_disclosure);
    return decodeDisclosure(encoded).at(-1) as { before: object; after: object };
  }

  describe('200', () => {
    it('changes what is given, leaves the rest, and a later read agrees', async () => {
      const { caller, webhook, path } = await endpoint({ description: 'Keep me', channels: ['eu'] });
      const changes = { name: 'Renamed', events: ['*'], url: 'http://127.0.0.1:9/other', max_retries: 0, ordered: true };
      const { status, body } = await caller.patch<WireWebhook>(path, changes);
      expect(status).to.equal(200);
      expect(body).to.deep.equal({ ...webhook, ...changes, updated_at: body.updated_at });
      expect(Date.parse(body.updated_at)).to.be.at.least(Date.parse(webhook.updated_at));
      expect((await caller.get<WireWebhook>(path)).body).to.deep.equal(body);
    });

    it('a new URL ends what the old one has proven; other changes do not', async () => {
      const { organization, caller, webhook, path } = await endpoint();
      const lane = async () => (await rowsOf<{ lane: string }>(api.database, organization.orgId, 'webhook_endpoints'))[0]?.lane;
      await withTenant(api.database.app, organization.orgId, (trx) => trx('webhook_endpoints').update({ lane: 'express' }));
      await caller.patch(path, { name: 'Renamed', url: webhook.url });
      expect(await lane()).to.equal('express');
      await caller.patch(path, { url: 'http://127.0.0.1:9/other' });
      expect(await lane()).to.equal('own');
    });

    it('null clears the description; an absent one stays', async () => {
      const { caller, path } = await endpoint({ description: 'Note\nof two lines' });
      expect((await caller.patch<WireWebhook>(path, { name: 'A' })).body.description).to.equal('Note\nof two lines');
      expect((await caller.patch<WireWebhook>(path, { description: null })).body.description).to.equal(null);
    });

    it('replaces headers and lists as a whole; an empty object removes every header', async () => {
      const { caller, path, organization } = await endpoint({ headers: { 'X-A': 'old', 'X-B': 'old' }, retry_schedule_seconds: [1, 2] });
      const { body } = await caller.patch<WireWebhook>(path, { headers: { 'X-C': 'new' }, retry_schedule_seconds: [] });
      expect(body.headers).to.deep.equal({ 'X-C': '***' });
      expect(body.retry_schedule_seconds).to.deep.equal([]);
      const sealed = async () =>
        (await rowsOf<{ id: string; headers_sealed: Buffer | null }>(api.database, organization.orgId, 'webhook_endpoints'))[0]!;
      const row = await sealed();
      const vault = await withTenant(api.database.app, organization.orgId, (trx) => api.deps.vault.of(trx, organization.orgId));
      expect(openHeaders(vault, organization.orgId, row.id, row.headers_sealed)).to.deep.equal({ 'X-C': 'new' });
      expect((await caller.patch<WireWebhook>(path, { headers: {} })).body.headers).to.deep.equal({});
      expect((await sealed()).headers_sealed).to.equal(null);
    });

    it('writes its audit entry', async () => {
      const { caller, path, organization, webhook } = await endpoint();
      await caller.patch(path, { name: 'Renamed' });
      const entries = await auditEntries(api.database, organization.orgId, 'webhooks.update');
      expect(entries.map((entry) => entry.target_id)).to.deep.equal([webhook.id]);
    });

    it('keeps in the audit log how the endpoint was before, not only how it is now', async () => {
      const { caller, path, organization, webhook } = await endpoint({ headers: { 'X-A': 'old' } });
      await caller.patch(path, { name: 'Renamed', max_retries: 9, headers: { 'X-B': 'new' } });
      const { before, after } = await auditedChange(organization.orgId, webhook.id);
      expect(before)
        .to.include({ name: webhook.name, max_retries: webhook.max_retries })
        .and.to.deep.include({ header_names: ['X-A'] });
      expect(after)
        .to.include({ name: 'Renamed', max_retries: 9 })
        .and.to.deep.include({ header_names: ['X-B'] });
    });

    it('two changes of different fields at the same time both stay', async () => {
      const { caller, path } = await endpoint();
      await Promise.all([caller.patch(path, { name: 'Renamed' }), caller.patch(path, { max_retries: 9 })]);
      expect((await caller.get<WireWebhook>(path)).body).to.include({ name: 'Renamed', max_retries: 9 });
    });
  });

  it('400: nothing to change, null where a value must be, unknown and fixed fields', async () => {
    const { caller, path } = await endpoint();
    const cases: [object, string][] = [
      [{}, 'body'],
      [{ name: null }, 'body.name'],
      [{ headers: null }, 'body.headers'],
      [{ timeout_seconds: 301 }, 'body.timeout_seconds'],
      [{ signature: 'v1a' }, 'body.signature'],
      [{ workspace_id: null }, 'body.workspace_id'],
      [{ status: 'active' }, 'body.status'],
    ];
    for (const [body, location] of cases) {
      const answer = await caller.patch(path, body);
      expect([answer.status, answer.body.code], JSON.stringify(body)).to.deep.equal([400, 'validation_failed']);
      expect(answer.body.errors?.[0]?.location).to.equal(location);
    }
  });

  it('400 and 422: a URL, header or event type that is not allowed changes nothing', async () => {
    const { caller, path, webhook } = await endpoint();
    const refused = [
      await caller.patch(path, { name: 'X', url: 'https://169.254.169.254/' }),
      await caller.patch(path, { name: 'X', headers: { 'Content-Length': '1' } }),
      await caller.patch(path, { name: 'X', events: ['nope'] }),
    ];
    expect(refused.map(({ body }) => body.code)).to.deep.equal(['url_not_allowed', 'header_not_allowed', 'unknown_event_type']);
    expect((await caller.get<WireWebhook>(path)).body).to.deep.equal(webhook);
  });

  it('401 and 403: needs credentials that hold webhook.write', async () => {
    const { organization, path } = await endpoint();
    const { key } = await createApiKey(api.database, organization, { scopes: ['webhook.read'] });
    expect((await api.as(null).patch(path, { name: 'X' })).status).to.equal(401);
    expect((await api.as(key).patch(path, { name: 'X' })).status).to.equal(403);
  });

  it('404: what belongs to someone else and what does not exist are the same answer, and nothing changes', async () => {
    const { caller, path, webhook } = await endpoint();
    const stranger = api.as((await createOrganization(api.database)).key);
    const foreign = await stranger.patch(path, { name: 'Mine now' });
    const absent = await stranger.patch(`/admin/webhooks/${typeId('whk', '01980a4e-7c00-7000-8000-000000000001')}`, { name: 'X' });
    expect(foreign.status).to.equal(404);
    expect({ ...foreign.body, request_id: '' }).to.deep.equal({ ...absent.body, request_id: '' });
    expect((await caller.get<WireWebhook>(path)).body).to.deep.equal(webhook);
  });

  it('404: a key that is bound to a workspace changes no endpoint of another one, and nothing is written', async () => {
    const organization = await createOrganization(api.database);
    const workspaceId = await createWorkspace(api.database, organization.orgId);
    const [here, there] = await Promise.all(
      [workspaceId, organization.workspaceId].map((id) => createApiKey(api.database, organization, { workspaceId: id })),
    );
    const webhook = await newWebhook(api.as(here!.key));
    const path = `/admin/webhooks/${webhook.id}`;
    const mine = await api.as(here!.key).patch<WireWebhook>(path, { name: 'Ours' });
    expect(mine.status).to.equal(200);
    expect((await api.as(there!.key).patch(path, { name: 'Theirs' })).status).to.equal(404);
    expect((await api.as(here!.key).get<WireWebhook>(path)).body).to.deep.equal(mine.body);
    expect(await auditEntries(api.database, organization.orgId, 'webhooks.update')).to.have.length(1);
  });

  it('changes nothing when the audit append fails', async () => {
    const { caller, path, webhook } = await endpoint();
    await api.asOwner((owner) => owner.raw('REVOKE INSERT ON audit_body FROM artisan_app'));
    try {
      expect((await caller.patch(path, { name: 'Renamed' })).status).to.equal(500);
    } finally {
      await api.asOwner((owner) => owner.raw('GRANT INSERT ON audit_body TO artisan_app'));
    }
    expect((await caller.get<WireWebhook>(path)).body).to.deep.equal(webhook);
  });
});
