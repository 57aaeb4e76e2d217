import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { withTenant } from '../../../db/tenancy.ts';
import { typeId } from '../../../server/ids.ts';
import { openSecrets } from '../../../services/webhooks/secrets.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { auditEntries, newWebhook, rowsOf, uuidOf } from '../../support/webhooks.ts';
import type { WireCreated, WireWebhook } from '../../support/webhooks.ts';

type WireRotated = WireCreated & { previous_secrets_until: string | null };

describe('webhooks.rotate_secret', () => {
  const api = useApi();
  const endpoint = async (fields: object = {}) => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const webhook = await newWebhook(caller, fields);
    const path = `/admin/webhooks/${webhook.id}/rotate-secret`;
    const rotate = (body?: object, headers: Record<string, string> = {}) => caller.post<WireRotated>(path, body, headers);
    const signing = () =>
      withTenant(api.database.app, organization.orgId, (trx) =>
        api.deps.vault
          .of(trx, organization.orgId)
          .then((vault) => openSecrets(trx, vault, organization.orgId, uuidOf('whk', webhook.id), new Date())),
      );
    const ends = async () => {
      const rows = await rowsOf<{ expires_at: Date | null }>(api.database, organization.orgId, 'webhook_secrets');
      return rows.map(({ expires_at: until }) => (until === null ? null : Math.round((until.getTime() - Date.now()) / 60_000)));
    };
    return { organization, caller, webhook, path, rotate, signing, ends };
  };

  describe('200', () => {
    it('shows a new secret, not to be cached, and both sign for a day unless said otherwise', async () => {
      const { webhook, rotate, signing, ends, caller } = await endpoint();
      const { status, body, headers } = await rotate();
      expect([status, headers.get('cache-control')]).to.deep.equal([200, 'no-store']);
      expect(body.secret)
        .to.match(/^whsec_[A-Za-z0-9+/]{43}=$/)
        .and.not.equal(webhook.secret);
      expect(body).to.deep.equal({
        ...webhook,
        secret: body.secret,
        updated_at: body.updated_at,
        previous_secrets_until: new Date(Date.parse(body.updated_at) + 86_400_000).toISOString(),
      });
      expect(await signing()).to.deep.equal([body.secret, webhook.secret]);
      expect(await ends()).to.deep.equal([1_440, null]);
      expect((await caller.get(`/admin/webhooks/${webhook.id}`)).text).to.not.include('whsec_');
    });

    it('an earlier secret keeps its own end when the next rotation has a longer overlap', async () => {
      const { rotate, ends } = await endpoint();
      await rotate({ overlap_seconds: 3_600 });
      await rotate({ overlap_seconds: 604_800 });
      expect(await ends()).to.deep.equal([60, 10_080, null]);
    });

    it('says until when an earlier secret signs: the longest overlap counts, and none is left after overlap 0', async () => {
      const { rotate } = await endpoint();
      const { previous_secrets_until: week } = (await rotate({ overlap_seconds: 604_800 })).body;
      expect((await rotate({ overlap_seconds: 3_600 })).body.previous_secrets_until).to.equal(week);
      expect((await rotate({ overlap_seconds: 0 })).body.previous_secrets_until).to.equal(null);
    });

    it('overlap 0 erases every earlier secret at once, however long it still had, each with an audit entry', async () => {
      const { organization, rotate, signing } = await endpoint();
      await rotate();
      const { body } = await rotate({ overlap_seconds: 0 });
      expect(await signing()).to.deep.equal([body.secret]);
      expect(await rowsOf(api.database, organization.orgId, 'webhook_secrets')).to.have.length(1);
      expect(await auditEntries(api.database, organization.orgId, 'webhooks.secret_retired')).to.have.length(2);
    });

    it('v1a: a new public key beside the old one, the new one alone after overlap 0, and never a private key', async () => {
      const { webhook, rotate, signing } = await endpoint({ signature: 'v1a' });
      const second = (await rotate()).body;
      expect(second.secret).to.equal(null);
      expect(second.public_keys).to.have.length(2);
      expect(second.public_keys[1]).to.equal(webhook.public_keys[0]);
      const third = await rotate({ overlap_seconds: 0 });
      expect(third.body.public_keys).to.have.length(1);
      expect(second.public_keys).to.not.include(third.body.public_keys[0]);
      expect(third.text).to.not.include('whsk_');
      expect(await signing()).to.have.length(1);
    });

    it('a repeat with the same Idempotency-Key shows the same secret and rotates once', async () => {
      const { organization, rotate, signing } = await endpoint();
      const send = () => rotate({ overlap_seconds: 60 }, { 'idempotency-key': 'rotate-1' });
      const [first, second] = [await send(), await send()];
      expect(second.headers.get('idempotency-replayed')).to.equal('true');
      expect(second.text).to.equal(first.text);
      expect(await signing()).to.have.length(2);
      expect(await auditEntries(api.database, organization.orgId, 'webhooks.rotate_secret')).to.have.length(1);
    });

    it('rotations at the same time come one after the other: each secret but the last has an end', async () => {
      const { rotate, ends, signing } = await endpoint();
      const answers = await Promise.all([rotate(), rotate(), rotate()]);
      expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
      expect((await ends()).filter((end) => end === null)).to.have.length(1);
      expect(await signing()).to.have.length(4);
    });

    it('settles its promise when the workflow is started', async () => {
      const { organization, rotate } = await endpoint();
      await rotate();
      for (let left = -1; left !== 0; await sleep(20)) left = (await rowsOf(api.database, organization.orgId, 'outbox')).length;
    });

    it('writes no secret anywhere but sealed', async () => {
      const { organization, webhook, rotate } = await endpoint();
      const { body } = await rotate();
      const tables = ['webhook_endpoints', 'webhook_secrets', 'outbox'];
      const stored = await Promise.all(tables.map((table) => rowsOf(api.database, organization.orgId, table)));
      const views = await rowsOf(api.database, organization.orgId, 'audit_view', {}, 'entry_id');
      const text = JSON.stringify([stored, views], (_key, value: unknown) =>
        Array.isArray(value) && typeof value[0] === 'number' ? Buffer.from(value as number[]).toString('latin1') : value,
      );
      for (const secret of [webhook.secret, body.secret]) expect(text).to.not.include(secret!.slice('whsec_'.length));
    });
  });

  it('400: an overlap that is no whole number from 0 to seven days, an unknown field, an id that is none', async () => {
    const { caller, path, signing } = await endpoint();
    const cases: [object, string][] = [
      [{ overlap_seconds: -1 }, 'body.overlap_seconds'],
      [{ overlap_seconds: 604_801 }, 'body.overlap_seconds'],
      [{ overlap_seconds: 1.5 }, 'body.overlap_seconds'],
      [{ overlap_seconds: null }, 'body.overlap_seconds'],
      [{ secret: 'whsec_of-my-own' }, 'body.secret'],
    ];
    for (const [body, location] of cases) {
      const answer = await caller.post(path, body);
      expect([answer.status, answer.body.code], JSON.stringify(body)).to.deep.equal([400, 'validation_failed']);
      expect(answer.body.errors?.[0]?.location).to.equal(location);
    }
    expect((await caller.post('/admin/webhooks/nonsense/rotate-secret')).status).to.equal(400);
    expect(await signing()).to.have.length(1);
  });

  it('401 and 403: needs credentials that hold webhook.write', async () => {
    const { organization, path, signing } = await endpoint();
    const { key } = await createApiKey(api.database, organization, { scopes: ['webhook.read'] });
    expect((await api.as(null).post(path)).status).to.equal(401);
    expect((await api.as(key).post(path)).status).to.equal(403);
    expect(await signing()).to.have.length(1);
  });

  it("404: another organization's endpoint, one that never was and one that is deleted", async () => {
    const { caller, webhook, path, signing } = await endpoint();
    const stranger = api.as((await createOrganization(api.database)).key);
    const foreign = await stranger.post(path);
    const absent = await stranger.post(`/admin/webhooks/${typeId('whk', '01980a4e-7c00-7000-8000-000000000001')}/rotate-secret`);
    expect(foreign.status).to.equal(404);
    expect({ ...foreign.body, request_id: '' }).to.deep.equal({ ...absent.body, request_id: '' });
    expect(await signing()).to.have.length(1);
    await caller.delete(`/admin/webhooks/${webhook.id}`);
    expect((await caller.post(path)).status).to.equal(404);
  });

  it('409: a sixth secret is refused with the time at which one ends, and overlap 0 is the way out', async () => {
    const { rotate, signing, path, caller } = await endpoint();
    for (let nth = 1; nth <= 4; nth += 1) expect((await rotate({ overlap_seconds: 3_600 })).status).to.equal(200);
    const refused = await caller.post(path, { overlap_seconds: 3_600 });
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'conflict']);
    expect(refused.body.detail).to.match(
      /^5 secrets sign already, .* ends at \d{4}-\d\d-\d\dT\S+Z; overlap_seconds 0 ends all of them now\.$/,
    );
    expect(await signing()).to.have.length(5);
    expect((await rotate({ overlap_seconds: 0 })).status).to.equal(200);
    expect(await signing()).to.have.length(1);
  });

  it('changes nothing when the audit append fails', async () => {
    const { organization, webhook, caller, rotate, signing } = await endpoint();
    await api.asOwner((owner) => owner.raw('REVOKE INSERT ON audit_body FROM artisan_app'));
    try {
      expect((await rotate()).status).to.equal(500);
    } finally {
      await api.asOwner((owner) => owner.raw('GRANT INSERT ON audit_body TO artisan_app'));
    }
    expect(await signing()).to.deep.equal([webhook.secret]);
    expect(await rowsOf(api.database, organization.orgId, 'outbox')).to.deep.equal([]);
    const { secret: _secret, ...unchanged } = webhook;
    expect((await caller.get<WireWebhook>(`/admin/webhooks/${webhook.id}`)).body).to.deep.equal(unchanged);
  });
});
