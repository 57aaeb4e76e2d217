import { expect } from 'chai';
import type { z } from 'zod';
import { newId, typeId } from '../../../server/ids.ts';
import type { RotatedApiKey } from '../../../server/http/routes/apiKeys/rotationSchemas.ts';
import type { ApiKeyOut } from '../../../server/http/routes/apiKeys/schemas.ts';
import { parseApiKey } from '../../../services/apiKeys/format.ts';
import type { NewApiKeyInput } from '../../../services/apiKeys/create.ts';
import { useApi } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { signInMember } from '../../support/people.ts';
import { auditEntries, rowsOf } from '../../support/webhooks.ts';

type Rotated = z.output<typeof RotatedApiKey>;
type Wire = z.output<typeof ApiKeyOut>;

const DAY_MS = 86_400_000;

describe('api_keys.rotate', () => {
  const api = useApi();
  const keyed = async (input: Partial<NewApiKeyInput> = {}) => {
    const organization = await createOrganization(api.database);
    const old = await createApiKey(api.database, organization, input);
    const path = `/admin/api-keys/${typeId('key', old.id)}`;
    const caller = api.as(organization.key);
    const rotate = (body?: object, headers: Record<string, string> = {}) => caller.post<Rotated>(`${path}/rotate`, body, headers);
    const count = async () => (await rowsOf(api.database, organization.orgId, 'api_keys')).length;
    return { organization, old, path, caller, rotate, count };
  };

  describe('201', () => {
    it('shows the successor once, not to be cached, with all that the old key had and a life of its own', async () => {
      const expiresAt = new Date(Date.now() + 30 * DAY_MS);
      const settings = { scopes: ['lead.read', 'lead.export'] as const, allowedIps: ['127.0.0.0/8'], rateLimitPerHour: 77, expiresAt };
      const { old, path, caller, rotate, organization } = await keyed({ ...settings, workspaceId: null });
      const createdAt = new Date(Date.now() - 60 * DAY_MS);
      await api.database.system('api_keys').where({ id: old.id }).update({ created_at: createdAt });
      const before = (await caller.get<Wire>(path)).body;
      const { status, headers, body } = await rotate({ grace_seconds: 3_600 });
      expect([status, headers.get('cache-control')]).to.deep.equal([201, 'no-store']);
      const same = ({ name, scopes, allowed_ips, rate_limit_per_hour, workspace_id, owner, environment, family_id }: Wire) => {
        return { name, scopes, allowed_ips, rate_limit_per_hour, workspace_id, owner, environment, family_id };
      };
      expect(same(body)).to.deep.equal(same(before));
      expect(body).to.include({ predecessor_id: before.id, status: 'active' });
      const lifeMs = (key: Wire) => Date.parse(key.expires_at!) - Date.parse(key.created_at);
      expect(lifeMs(before)).to.be.closeTo(90 * DAY_MS, 1_000);
      expect(lifeMs(body)).to.be.closeTo(lifeMs(before), 1_000);
      expect(body.rotation).to.include({ api_key_id: before.id, successor_id: body.id, cause: 'request', state: 'overlapping' });
      expect(Date.parse(body.rotation.grace_ends_at) - Date.parse(body.rotation.started_at)).to.equal(3_600_000);
      expect((await caller.get(path)).text + (await caller.get(`${path}/rotation`)).text).not.to.include(body.key!);
      expect((await caller.get<Wire>(path)).body).to.include({ status: 'retiring', retires_at: body.rotation.retires_at });
      expect(await auditEntries(api.database, organization.orgId, 'api_keys.rotate')).to.have.length(1);
    });

    for (const env of ['live', 'test'] as const) {
      it(`a key of ${env} has a successor of ${env}, which begins and ends as it is shown`, async () => {
        const { rotate } = await keyed({ env });
        const { key, prefix, last4 } = (await rotate()).body;
        expect(parseApiKey(key!)?.env).to.equal(env);
        expect([key!.slice(0, prefix.length), key!.slice(-4)]).to.deep.equal([prefix, last4]);
        expect(prefix).to.match(new RegExp(`^sk_${env}_\\w{4}$`));
      });
    }

    it('both keys work, and every answer to the old one says since when it is replaced and until when it works', async () => {
      const { old, path, rotate } = await keyed({ scopes: ['lead.read', 'api_key.read'] });
      expect((await api.as(old.key).get(path)).headers.get('deprecation')).to.equal(null);
      const { key, rotation } = (await rotate({ grace_seconds: 3_600 })).body;
      const asked = ['', '/rotation', '/usage', '/nowhere'].map((suffix) => api.as(old.key).get(`${path}${suffix}`));
      const answers = [
        ...(await Promise.all(asked)),
        await api.as(old.key).post('/events', {}),
        await api.as(old.key).get(path, { 'x-unknown': '1' }),
      ];
      expect(answers.map(({ status }) => status)).to.include.members([200, 403]);
      for (const { status, headers } of answers.filter((answer) => answer.status !== 404)) {
        expect(headers.get('deprecation'), String(status)).to.equal(`@${Math.floor(Date.parse(rotation.started_at) / 1_000)}`);
        expect(headers.get('sunset')).to.equal(new Date(rotation.retires_at!).toUTCString());
        expect(headers.get('link')).to.include(`</api/v1${path}/rotation>; rel="sunset"`);
      }
      const fresh = await api.as(key!).get(path);
      expect([fresh.status, fresh.headers.get('deprecation'), fresh.headers.get('sunset')]).to.deep.equal([200, null, null]);
    });

    it('a key rotates itself with api_key.rotate alone, and its successor can do so again', async () => {
      const { old, path } = await keyed({ scopes: ['event.publish', 'api_key.rotate'] });
      const first = await api.as(old.key).post<Rotated>(`${path}/rotate`);
      expect(first.status).to.equal(201);
      const second = await api.as(first.body.key!).post<Rotated>(`/admin/api-keys/${first.body.id}/rotate`);
      expect([second.status, second.body.family_id]).to.deep.equal([201, first.body.family_id]);
      expect((await api.as(old.key).post('/events', { type: 'lead.created', data: {} })).status).to.equal(202);
    });

    it('a repeat with the same Idempotency-Key rotates once and does not show the key again', async () => {
      const { rotate, count } = await keyed();
      const headers = { 'idempotency-key': 'rotate-1' };
      const [first, second] = [await rotate({}, headers), await rotate({}, headers)];
      expect(second.headers.get('idempotency-replayed')).to.equal('true');
      expect(second.text).to.not.include(first.body.key!);
      const { key: _key, ...shown } = first.body;
      const { key_redacted: redacted, ...repeated } = second.body;
      expect(repeated).to.deep.equal(shown);
      expect(redacted).to.equal(`${shown.prefix}…${shown.last4}`);
      expect(await count()).to.equal(3);
    });

    it('grace 0: the old key is refused from then on, which is on record; its successor and the rest of the family are not', async () => {
      const { organization, old, path, rotate } = await keyed();
      const { key, rotation } = (await rotate({ grace_seconds: 0 })).body;
      expect(rotation).to.include({ state: 'finished', end_reason: 'grace_over' });
      const refused = await api.as(old.key).get(path);
      expect([refused.status, refused.body.code]).to.deep.equal([401, 'api_key_retired']);
      expect((await api.as(old.key).get(path)).status).to.equal(401);
      expect((await api.as(key!).get(path)).status).to.equal(200);
      const entries = await rowsOf<{ outcome: string; reason: string }>(
        api.database,
        organization.orgId,
        'audit_view',
        { outcome: 'denied' },
        'entry_id',
      );
      expect(entries).to.have.length(1);
    });

    it('the old key goes no later than it would have gone anyway', async () => {
      const expiresAt = new Date(Date.now() + 60_000);
      const { rotate } = await keyed({ expiresAt });
      expect((await rotate({ grace_seconds: 86_400 })).body.rotation.retires_at).to.equal(expiresAt.toISOString());
    });
  });

  it('400: names what is wrong with a grace, an end and a number of minutes', async () => {
    const { path, caller, count } = await keyed();
    const cases: [object, string][] = [
      [{ grace_seconds: -1 }, 'body.grace_seconds'],
      [{ grace_seconds: 2_592_001 }, 'body.grace_seconds'],
      [{ grace_seconds: '60' }, 'body.grace_seconds'],
      [{ expires_at: '2020-01-01T00:00:00Z' }, 'body.expires_at'],
      [{ expires_at: new Date(Date.now() + 400 * DAY_MS).toISOString() }, 'body.expires_at'],
      [{ retire_after_first_use_minutes: -1 }, 'body.retire_after_first_use_minutes'],
      [{ key: 'sk_live_of_my_own' }, 'body.key'],
    ];
    for (const [body, location] of cases) {
      const answer = await caller.post(`${path}/rotate`, body);
      expect([answer.status, answer.body.errors?.[0]?.location], JSON.stringify(body)).to.deep.equal([400, location]);
    }
    expect(await count()).to.equal(2);
  });

  it('400: a key that rotates itself gets no longer life than it was made for, whatever it asks for', async () => {
    const { old, path, caller } = await keyed({ scopes: ['api_key.rotate'], expiresAt: new Date(Date.now() + DAY_MS) });
    const asked = { expires_at: new Date(Date.now() + 300 * DAY_MS).toISOString() };
    const { status, body } = await api.as(old.key).post<{ errors: { location: string }[] }>(`${path}/rotate`, asked);
    expect([status, body.errors[0]!.location]).to.deep.equal([400, 'body.expires_at']);
    expect((await caller.post(`${path}/rotate`, asked)).status).to.equal(201);
  });

  it('409: what was switched off is not switched on again by a rotation; a key that leaked is replaced while it is off', async () => {
    const { old, path, caller, rotate } = await keyed();
    await caller.post(`${path}/disable`);
    expect((await rotate()).status).to.equal(409);
    await api.database.system('api_keys').where({ id: old.id }).update({ disabled_reason: 'leaked' });
    expect((await rotate({ grace_seconds: 0 })).status).to.equal(201);
  });

  it('401 and 403: nobody gets a key that may do more than they may, and a person’s key is for that person', async () => {
    const { organization, path, count } = await keyed({ scopes: ['lead.read', 'lead.delete'] });
    const weak = await createApiKey(api.database, organization, { scopes: ['api_key.rotate', 'lead.read'] });
    const none = await createApiKey(api.database, organization, { scopes: ['api_key.read'] });
    const [person, owner] = [
      await signInMember(api.database, organization, ['admin']),
      await signInMember(api.database, organization, ['owner']),
    ];
    const personal = await createApiKey(api.database, organization, { scopes: ['lead.read'], ownerUserId: person.userId });
    const rotate = async (key: string | null, at = path) => (await api.as(key).post(`${at}/rotate`)).status;
    const ofPerson = `/admin/api-keys/${typeId('key', personal.id)}`;
    expect([await rotate(null), await rotate(weak.key), await rotate(none.key)]).to.deep.equal([401, 403, 403]);
    expect([await rotate(owner.accessToken, ofPerson), await rotate(organization.key, ofPerson)]).to.deep.equal([403, 403]);
    expect(await count()).to.equal(5);
    expect([await rotate(person.accessToken, ofPerson), await rotate(owner.accessToken)]).to.deep.equal([201, 201]);
  });

  it('404: a key of another organization and one that never was, alike', async () => {
    const { path } = await keyed();
    const stranger = api.as((await createOrganization(api.database)).key);
    const foreign = await stranger.post(`${path}/rotate`);
    const absent = await stranger.post(`/admin/api-keys/${typeId('key', newId())}/rotate`);
    expect(foreign.status).to.equal(404);
    expect({ ...foreign.body, request_id: '' }).to.deep.equal({ ...absent.body, request_id: '' });
  });

  it('409: five rotations at the same time make one successor; a rotated, a revoked and an expired key have none', async () => {
    const { rotate, count, path, caller } = await keyed();
    const answers = await Promise.all(Array.from({ length: 5 }, () => rotate()));
    expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([201, 409, 409, 409, 409]);
    expect(await count()).to.equal(3);
    const winner = answers.find(({ status }) => status === 201)!;
    expect((await caller.post(`${path}/rotate`)).body.detail).to.include(winner.body.id);
    const [revoked, expired] = [await keyed(), await keyed()];
    await revoked.caller.delete(revoked.path);
    await api.database
      .system('api_keys')
      .where({ id: expired.old.id })
      .update({ expires_at: new Date(Date.now() - 1) });
    expect([(await revoked.rotate()).status, (await expired.rotate()).status]).to.deep.equal([409, 409]);
  });

  it('changes nothing when the audit append fails: no successor, no end of the old key, no promise', async () => {
    const { organization, old, path, rotate, count } = await keyed();
    await api.asOwner((owner) => owner.raw('REVOKE INSERT ON audit_body FROM artisan_app'));
    try {
      expect((await rotate()).status).to.equal(500);
    } finally {
      await api.asOwner((owner) => owner.raw('GRANT INSERT ON audit_body TO artisan_app'));
    }
    expect(await count()).to.equal(2);
    expect(await rowsOf(api.database, organization.orgId, 'outbox')).to.deep.equal([]);
    expect((await api.as(old.key).get(path)).headers.get('sunset')).to.equal(null);
  });
});
