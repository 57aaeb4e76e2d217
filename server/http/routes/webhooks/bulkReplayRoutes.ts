import type { PromisedReplay } from '../../../../services/outbox/replays.ts';
import type { z } from 'zod';
import { bestEffort } from '../../../../services/bestEffort.ts';
import { changeReplay } from '../../../../services/webhooks/replays/change.ts';
import { countReplay } from '../../../../services/webhooks/replays/countReplay.ts';
import type { ReplayFilter } from '../../../../services/webhooks/replays/countReplay.ts';
import { findReplay } from '../../../../services/webhooks/replays/find.ts';
import { keepReplay } from '../../../../services/webhooks/replays/keep.ts';
import { startReplay } from '../../../../services/webhooks/replays/start.ts';
import type { Deps } from '../../../deps.ts';
import { idParams, idSchema } from '../../params.ts';
import { route } from '../../route.ts';
import { REPLAY_EXAMPLE, REPLAY_IN_EXAMPLE } from './replayExamples.ts';
import { presentReplay } from './presentReplay.ts';
import { Replay, ReplayIn, ReplayPreview } from './replaySchemas.ts';

const replayParams = idParams('whk').extend({ replay_id: idSchema('rpl') });

const CHANGES = [
  ['pause', 'Pause a replay', 'No more deliveries become due until it is resumed; what is due already is sent.', { status: 'paused' }],
  ['resume', 'Resume a replay', 'It goes on where it was paused. Resuming a running replay changes nothing.', {}],
  [
    'cancel',
    'Cancel a replay',
    'Ends it for good: no more deliveries become due; what is due already is sent.',
    { status: 'cancelled', finished_at: '2026-11-02T10:15:20.000Z' },
  ],
] as const;

export const bulkReplayRoutes = [
  route({
    method: 'POST',
    path: '/admin/webhooks/{id}/replay',
    operationId: 'webhooks.replays.start',
    permission: 'webhook.replay',
    summary: 'Send many finished deliveries again, or what the endpoint missed',
    description:
      'Dead letters unless other states are named, the oldest first and at a pace. With `missing: true` and `since` instead: events published while the endpoint was disabled, did not exist or did not ask for them, chosen by its types, filter, channels and workspace as they are now. `dry_run: true` only counts (200). What was missed is counted for one request of an organization at a time (429). The answer 202 is the replay: read it again to see how far it is. One endpoint has one replay at a time.',
    params: idParams('whk'),
    body: ReplayIn,
    responses: { 200: ReplayPreview, 202: Replay },
    errors: ['conflict', 'unknown_event_type'],
    idempotent: true,
    examples: { body: REPLAY_IN_EXAMPLE, responses: { 200: { matching: 1_412, exact: true }, 202: REPLAY_EXAMPLE } },
    async handler({ params, body, actor, inTenant, deps }) {
      const counted = await countReplay(deps, actor, params.id, replayFilter(body));
      if (body.dry_run) return { status: 200, body: { matching: counted.matching, exact: counted.exact } };
      const promises: PromisedReplay[] = [];
      const answer = await inTenant(async (tenant) => {
        const { replay, promise } = await startReplay(tenant, params.id, counted, body.per_second);
        promises.push(promise);
        return { status: 202 as const, body: presentReplay(replay) };
      });
      keepSoon(deps, promises);
      return answer;
    },
  }),
  route({
    method: 'GET',
    path: '/admin/webhooks/{id}/replays/{replay_id}',
    operationId: 'webhooks.replays.get',
    permission: 'webhook.read',
    summary: 'Get a replay',
    description: 'What was asked for, and how far it is. Each delivery tells itself how its replay went.',
    params: replayParams,
    responses: { 200: Replay },
    examples: { responses: { 200: REPLAY_EXAMPLE } },
    async handler({ params, inTenant }) {
      return { status: 200, body: presentReplay(await inTenant((tenant) => findReplay(tenant, params.id, params.replay_id))) };
    },
  }),
  ...CHANGES.map(([change, summary, description, becomes]) =>
    route({
      method: 'POST',
      path: `/admin/webhooks/{id}/replays/{replay_id}/${change}`,
      operationId: `webhooks.replays.${change}`,
      permission: 'webhook.replay',
      summary,
      description,
      params: replayParams,
      responses: { 200: Replay },
      errors: ['conflict'],
      examples: { responses: { 200: { ...REPLAY_EXAMPLE, ...becomes } } },
      async handler({ params, inTenant, deps }) {
        const { replay, promises } = await inTenant((tenant) => changeReplay(tenant, params.id, params.replay_id, change));
        keepSoon(deps, promises);
        return { status: 200, body: presentReplay(replay) };
      },
    }),
  ),
];

function replayFilter({ missing, since, until, event_types: eventTypes, statuses }: z.output<typeof ReplayIn>): ReplayFilter {
  if (missing && since !== null) return { missing, since, until, eventTypes, statuses: [] };
  return { missing: false, since, until, eventTypes, statuses: statuses ?? ['dead'] };
}

function keepSoon(deps: Deps, promises: PromisedReplay[]): void {
  for (const each of promises) void bestEffort(deps.logger, 'the relay tells the replay', keepReplay(deps, each));
}
