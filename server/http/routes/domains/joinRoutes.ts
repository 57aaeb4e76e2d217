import { joinByDomain } from '../../../../services/domains/join.ts';
import { typeId } from '../../../ids.ts';
import { route } from '../../route.ts';
import { JoinIn, JoinOut } from './schemas.ts';

export const joinRoutes = [
  route({
    method: 'POST',
    path: '/organizations/join',
    operationId: 'organizations.join',
    signedIn: true,
    summary: 'Join the organization of your domain',
    description:
      'For who has a verified address at a domain that an organization has verified, when its settings let such people join (`domains.join`); the role is `domains.join_role`. It takes a seat. The answer is the same 404 whether no organization has the domain or it lets nobody join.',
    body: JoinIn,
    responses: { 200: JoinOut },
    errors: ['not_found', 'email_not_verified', 'conflict', 'plan_limit_reached'],
    examples: {
      body: { organization_id: null },
      responses: {
        200: {
          organization: { id: 'org_01kb2kw5b3e9tr6h1m8x4c7d2n', name: 'Acme' },
          membership_id: 'mem_01kb2n7h4tfxb9q2c6k8r5s1vw',
          role: 'member',
        },
      },
    },
    async handler({ body, session, origin, deps }) {
      const joined = await joinByDomain(deps, { session, origin, organizationId: body.organization_id });
      return {
        status: 200,
        body: {
          organization: { id: typeId('org', joined.orgId), name: joined.organizationName },
          membership_id: typeId('mem', joined.membershipId),
          role: joined.role,
        },
      };
    },
  }),
];
