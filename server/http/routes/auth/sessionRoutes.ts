import { z } from 'zod';
import { endOtherSessions, endSession } from '../../../../services/auth/endSession.ts';
import { listSessions } from '../../../../services/auth/listSessions.ts';
import { pageQuery, readPage } from '../../page.ts';
import { idParams, NoContent } from '../../params.ts';
import { route } from '../../route.ts';
import { SESSION_EXAMPLE } from './examples.ts';
import { presentSession } from './present.ts';
import { SessionList } from './schemas.ts';

const Ended = z.object({ ended: z.int().describe('How many sessions there were.') }).meta({ id: 'SessionsEnded' });

export const sessionRoutes = [
  route({
    method: 'GET',
    path: '/auth/sessions',
    operationId: 'auth.sessions.list',
    signedIn: true,
    summary: 'List your sessions',
    description: 'One for each sign-in that is not over, the newest first, with the device and the address where it began.',
    query: pageQuery({}),
    responses: { 200: SessionList },
    examples: { responses: { 200: { data: [SESSION_EXAMPLE], next_cursor: null, has_more: false } } },
    async handler(ctx) {
      const { inUser, session } = ctx;
      const page = readPage('auth.sessions.list', { ...ctx, actor: { orgId: session.userId } });
      const rows = await inUser((_trx, person) => listSessions(person, { after: page.after, limit: page.fetch }));
      const body = page.present(
        rows,
        ({ id }) => id,
        (each) => presentSession(each, session.id),
      );
      return { status: 200, body };
    },
  }),
  route({
    method: 'DELETE',
    path: '/auth/sessions',
    operationId: 'auth.sessions.revoke_others',
    signedIn: true,
    summary: 'End all your other sessions',
    description: 'The one that asks goes on.',
    responses: { 200: Ended },
    examples: { responses: { 200: { ended: 2 } } },
    async handler({ inUser, session }) {
      return { status: 200, body: { ended: await inUser((_trx, person) => endOtherSessions(person, session)) } };
    },
  }),
  route({
    method: 'DELETE',
    path: '/auth/sessions/{id}',
    operationId: 'auth.sessions.revoke',
    signedIn: true,
    summary: 'End one of your sessions',
    description: 'A device that was lost, for example. Within a second its access tokens are refused.',
    params: idParams('ses'),
    responses: { 204: NoContent },
    async handler({ params, inUser, session }) {
      await inUser((_trx, person) => endSession(person, session, params.id));
      return { status: 204 };
    },
  }),
];
