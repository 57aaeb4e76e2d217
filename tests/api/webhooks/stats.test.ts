import { expect } from 'chai';
import type { z } from 'zod';
import { newId, typeId } from '../../../server/ids.ts';
import type { AttemptStats } from '../../../server/http/routes/webhooks/statsSchemas.ts';
import { passOverAttempts } from '../../../services/webhooks/stats/pass.ts';
import { seed } from '../../services/webhooks/stats/attempts.ts';
import type { Seeded } from '../../services/webhooks/stats/attempts.ts';
import { useApi } from '../../support/api.ts';
import type { Caller } from '../../support/api.ts';
import { createApiKey, createOrganization } from '../../support/factories.ts';
import { newWebhook, uuidOf } from '../../support/webhooks.ts';

type Stats = z.output<typeof AttemptStats>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ago = (ms: number): Date => new Date(Date.now() - ms);
const floor = (width: number, time = Date.now()): Date => new Date(Math.floor(time / width) * width);

describe('webhooks.stats', () => {
  const api = useApi();
  const attempt = (webhookId: string, fields: Partial<Seeded> = {}): Seeded => {
    const endpointId = uuidOf('whk', webhookId);
    return { at: new Date(), endpointId, durationMs: 40, statusCode: 200, errorCode: null, number: 1, ...fields };
  };
  const endpoint = async () => {
    const organization = await createOrganization(api.database);
    const caller = api.as(organization.key);
    const webhook = await newWebhook(caller);
    return { organization, caller, webhook, path: `/admin/webhooks/${webhook.id}/stats` };
  };
  const both = ({ path }: { path: string }): string[] => [path, '/admin/webhooks/stats'];
  const statsOf = async (caller: Caller, path: string): Promise<Stats> => {
    const { status, body, text } = await caller.get<Stats>(path);
    expect(status, text).to.equal(200);
    return body;
  };

  it('200: every figure of an endpoint, a moment after its attempts', async () => {
    const { organization, caller, webhook, path } = await endpoint();
    await seed(api.database, organization.orgId, [
      ...[10, 20, 30, 1_000].map((durationMs) => attempt(webhook.id, { durationMs })),
      attempt(webhook.id, { statusCode: 503, errorCode: 'http_status', number: 2, durationMs: 90 }),
      attempt(webhook.id, { statusCode: null, errorCode: 'timeout', number: 2, durationMs: 5_000 }),
      attempt(webhook.id, { statusCode: null, errorCode: 'interrupted', number: 3 }),
    ]);
    const { totals, series, complete_until: complete } = await statsOf(caller, path);
    expect(totals).to.deep.equal({
      attempts: 7,
      succeeded: 4,
      failed: 2,
      interrupted: 1,
      success_rate: 0.6667,
      deliveries: 4,
      duration_ms: { mean: 1_025, p50: 30, p95: 5_023, p99: 5_023 },
      by_error_code: { http_status: 1, interrupted: 1, timeout: 1 },
      by_status_class: { '2xx': 4, '5xx': 1, none: 2 },
    });
    expect(series).to.have.length(24);
    expect(series.reduce((sum, { attempts }) => sum + attempts, 0)).to.equal(7);
    expect(Date.parse(complete)).to.be.closeTo(Date.now(), 5_000);
  });

  it('200: a point for each interval, where nothing happened too, widened to whole intervals', async () => {
    const { caller, path } = await endpoint();
    const nothing = { attempts: 0, succeeded: 0, failed: 0, interrupted: 0, success_rate: null, deliveries: 0 };
    const from = floor(MINUTE, Date.now() - 10 * MINUTE);
    const within = (ms: number): string => new Date(from.getTime() + ms).toISOString();
    const { series, ...rest } = await statsOf(caller, `${path}?interval=minute&from=${within(30_000)}&to=${within(130_000)}`);
    expect([rest.interval, rest.from, rest.to]).to.deep.equal(['minute', within(0), within(3 * MINUTE)]);
    const duration_ms = { mean: null, p50: null, p95: null, p99: null };
    expect(series).to.deep.equal([0, 1, 2].map((minute) => ({ start: within(minute * MINUTE), ...nothing, duration_ms })));
  });

  it('200: 60 minutes, 24 hours or 30 days when nothing else is asked for, up to the interval that is under way', async () => {
    const { caller, path } = await endpoint();
    for (const [interval, width, points] of [
      ['minute', MINUTE, 60],
      ['hour', HOUR, 24],
      ['day', DAY, 30],
    ] as const) {
      const { series } = await statsOf(caller, `${path}?interval=${interval}&to=2999-01-01T00:00:00Z`);
      expect(series).to.have.length(points);
      expect(Date.now() - Date.parse(series.at(-1)!.start)).to.be.within(0, width + 1_000);
    }
  });

  it('200: days, hours and minutes that were rolled up and what was not, each attempt once', async () => {
    const { organization, caller, webhook, path } = await endpoint();
    const start = floor(DAY, Date.now() - 5 * DAY);
    await api.database.system('webhook_stats_progress').update({ sealed_until: start, rolled_until: start });
    const times = [4 * DAY, 3 * DAY, 25 * HOUR, 3 * HOUR, 20 * MINUTE].map(ago);
    await seed(
      api.database,
      organization.orgId,
      times.map((at) => attempt(webhook.id, { at })),
    );
    await passOverAttempts(api.database.system);
    await seed(api.database, organization.orgId, [attempt(webhook.id)]);
    for (const [query, expected] of [
      ['interval=day', 6],
      [`interval=hour&from=${ago(26 * HOUR).toISOString()}`, 4],
      ['interval=minute', 2],
    ] as const) {
      const { totals, series } = await statsOf(caller, `${path}?${query}`);
      expect(totals.attempts, query).to.equal(expected);
      expect(series.filter(({ attempts }) => attempts > 0).reduce((sum, { attempts }) => sum + attempts, 0)).to.equal(expected);
    }
  });

  it('200: all endpoints together are those of the organization, deleted ones too, and of no other', async () => {
    const [own, other] = [await endpoint(), await endpoint()];
    const second = await newWebhook(own.caller);
    await seed(api.database, own.organization.orgId, [attempt(own.webhook.id), attempt(second.id), attempt(second.id)]);
    await seed(api.database, other.organization.orgId, [attempt(other.webhook.id)]);
    await own.caller.delete(`/admin/webhooks/${second.id}`);
    expect((await statsOf(own.caller, '/admin/webhooks/stats')).totals.attempts).to.equal(3);
    expect((await statsOf(own.caller, own.path)).totals.attempts).to.equal(1);
    expect((await statsOf(other.caller, '/admin/webhooks/stats')).totals.attempts).to.equal(1);
  });

  it('200: a key that is bound to a workspace sees the attempts at its endpoints only', async () => {
    const { organization, caller, webhook, path } = await endpoint();
    const inside = await newWebhook(caller, { workspace_id: typeId('wsp', organization.workspaceId) });
    await seed(api.database, organization.orgId, [attempt(webhook.id), attempt(inside.id), attempt(inside.id)]);
    const { key } = await createApiKey(api.database, organization, { workspaceId: organization.workspaceId });
    expect((await statsOf(api.as(key), '/admin/webhooks/stats')).totals.attempts).to.equal(2);
    expect((await api.as(key).get(path)).status).to.equal(404);
  });

  it('400: says exactly what is wrong with the range', async () => {
    const one = await endpoint();
    const [hour, later] = [ago(HOUR).toISOString(), new Date(Date.now() + HOUR).toISOString()];
    const cases: [query: string, location: string, message: string][] = [
      ['interval=week', 'query.interval', 'must be minute, hour or day'],
      ['from=yesterday', 'query.from', 'must be a time as in RFC 3339, with its offset: 2026-11-02T09:30:00Z'],
      ['until=x', 'query.until', 'is not known here; remove it or correct its name'],
      [`from=${hour}&to=${hour}`, 'query.from', 'must be before `to`'],
      [`from=${later}`, 'query.from', 'must not be in the future'],
      [`interval=minute&from=${ago(8 * DAY).toISOString()}`, 'query.from', 'reaches too far back: minutes are kept for 7 days'],
      [`interval=hour&from=${ago(91 * DAY).toISOString()}`, 'query.from', 'reaches too far back: hours are kept for 90 days'],
      ['interval=minute&to=2020-01-01T00:00:00Z', 'query.to', 'reaches too far back: minutes are kept for 7 days'],
      ['interval=day&from=0001-01-01T00:00:00Z', 'query.from', 'reaches too far back: days are kept for 2,557 days'],
    ];
    for (const path of both(one)) {
      for (const [query, location, message] of cases) {
        const { status, body } = await one.caller.get(`${path}?${query}`);
        expect([status, body.code, body.errors], query).to.deep.equal([400, 'validation_failed', [{ location, message }]]);
      }
      const from = floor(MINUTE, Date.now() - 1_600 * MINUTE);
      const points = (end: number) =>
        one.caller.get(`${path}?interval=minute&from=${from.toISOString()}&to=${new Date(from.getTime() + end * MINUTE).toISOString()}`);
      expect((await points(1_500)).status).to.equal(200);
      expect((await points(1_501)).body.errors).to.deep.equal([
        { location: 'query.from', message: 'is 1,501 minutes before `to`: one answer has at most 1,500' },
      ]);
    }
  });

  it('400: days reach as far back as the plan keeps them', async () => {
    const { key } = await createOrganization(api.database, { plan: 'free' });
    const ask = (days: number) => api.as(key).get(`/admin/webhooks/stats?interval=day&from=${ago(days * DAY).toISOString()}`);
    expect((await ask(89)).status).to.equal(200);
    expect((await ask(92)).body.errors).to.deep.equal([
      { location: 'query.from', message: 'reaches too far back: days are kept for 90 days' },
    ]);
  });

  it('400: an id that is none', async () => {
    const { caller } = await endpoint();
    expect((await caller.get('/admin/webhooks/nonsense/stats')).status).to.equal(400);
  });

  it('401 and 403: without a key, and with one that does not hold webhook.read', async () => {
    const one = await endpoint();
    const { key } = await createApiKey(api.database, one.organization, { scopes: ['webhook.write'] });
    for (const path of both(one)) {
      expect((await api.as(null).get(path)).status).to.equal(401);
      expect((await api.as(key).get(path)).status).to.equal(403);
    }
  });

  it('404: the endpoint of another organization, and a deleted one, are as absent as one that never was', async () => {
    const [own, other] = [await endpoint(), await endpoint()];
    await own.caller.delete(`/admin/webhooks/${own.webhook.id}`);
    const absent = await own.caller.get(`/admin/webhooks/${typeId('whk', newId())}/stats`);
    for (const path of [other.path, own.path]) {
      const { status, body } = await own.caller.get(path);
      expect([status, { ...body, request_id: '' }]).to.deep.equal([404, { ...absent.body, request_id: '' }]);
    }
  });
});
