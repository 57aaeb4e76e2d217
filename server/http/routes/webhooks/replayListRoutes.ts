import { listReplays } from '../../../../services/webhooks/replays/list.ts';
import { pageOf, pageQuery, readPage } from '../../page.ts';
import { idParams } from '../../params.ts';
import { route } from '../../route.ts';
import { presentReplay } from './presentReplay.ts';
import { REPLAY_EXAMPLE } from './replayExamples.ts';
import { Replay } from './replaySchemas.ts';

export const replayListRoutes = [
  route({
    method: 'GET',
    path: '/admin/webhooks/{id}/replays',
    operationId: 'webhooks.replays.list',
    permission: 'webhook.read',
    summary: 'List the replays of a webhook endpoint',
    description: 'Newest first, finished ones too. At most one has no `finished_at`: the one that runs or is paused.',
    params: idParams('whk'),
    query: pageQuery({}),
    responses: { 200: pageOf(Replay) },
    examples: { responses: { 200: { data: [REPLAY_EXAMPLE], next_cursor: null, has_more: false } } },
    async handler({ inTenant, ...ctx }) {
      const page = readPage('webhooks.replays.list', ctx);
      const replays = await inTenant((tenant) => listReplays(tenant, ctx.params.id, page));
      return { status: 200, body: page.present(replays, ({ id }) => id, presentReplay) };
    },
  }),
];
