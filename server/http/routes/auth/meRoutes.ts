import { ownOrganizations } from '../../../../services/auth/ownOrganizations.ts';
import { readMe } from '../../../../services/auth/readMe.ts';
import { updateMe } from '../../../../services/auth/updateMe.ts';
import { route } from '../../route.ts';
import { ORGANIZATION_EXAMPLE, TOKENS_EXAMPLE, USER_EXAMPLE } from './examples.ts';
import { presentMe } from './present.ts';
import { Me, MePatch } from './schemas.ts';

const ME_EXAMPLE = {
  ...USER_EXAMPLE,
  session_id: TOKENS_EXAMPLE.session_id,
  organization_id: ORGANIZATION_EXAMPLE.id,
  organizations: [ORGANIZATION_EXAMPLE],
};

export const meRoutes = [
  route({
    method: 'GET',
    path: '/auth/me',
    operationId: 'auth.me',
    signedIn: true,
    summary: 'Who you are',
    description: 'The person of the session, and the organizations that can be entered.',
    responses: { 200: Me },
    examples: { responses: { 200: ME_EXAMPLE } },
    async handler({ inUser, session }) {
      return inUser(async (trx, person) => {
        const organizations = await ownOrganizations(trx, person.userId);
        return { status: 200 as const, body: presentMe(await readMe(person), session, organizations) };
      });
    },
  }),
  route({
    method: 'PATCH',
    path: '/auth/me',
    operationId: 'auth.me.update',
    signedIn: true,
    summary: 'Change your name',
    description: 'Members of your organizations and mails show it. Answers the same as `GET /auth/me`.',
    body: MePatch,
    responses: { 200: Me },
    examples: { body: { name: 'Ada Lovelace' }, responses: { 200: ME_EXAMPLE } },
    async handler({ body, inUser, session }) {
      return inUser(async (trx, person) => {
        const user = await updateMe(person, session, body);
        return { status: 200 as const, body: presentMe(user, session, await ownOrganizations(trx, person.userId)) };
      });
    },
  }),
];
