import { acceptInvitation } from '../../../../services/invitations/accept.ts';
import { limitPreviews } from '../../../../services/invitations/limit.ts';
import { previewInvitation } from '../../../../services/invitations/preview.ts';
import { typeId } from '../../../ids.ts';
import { route } from '../../route.ts';
import { InvitationAccepted, InvitationPreview, TokenParams } from './schemas.ts';

/** For who holds the token of an invitation, and is in the organization not yet. */
export const acceptRoutes = [
  route({
    method: 'GET',
    path: '/invitations/{token}',
    operationId: 'invitations.preview',
    public: true,
    summary: 'Look at an invitation',
    description:
      'Who invites whom to what, for the page on which somebody decides. It changes nothing, so programs that follow the links of mails do no harm. A token that is unknown, used, revoked or expired is 404.',
    params: TokenParams,
    responses: { 200: InvitationPreview },
    errors: ['not_found', 'rate_limited'],
    examples: {
      responses: {
        200: {
          organization_name: 'Acme',
          inviter_name: 'Ada Lovelace',
          email: 'g…@acme.example',
          expires_at: '2026-11-28T09:00:00.000Z',
        },
      },
    },
    async handler({ params, origin, deps }) {
      await limitPreviews(deps.rateLimiter, origin.ip);
      const { organizationName, inviterName, email, expiresAt } = await previewInvitation(deps, params.token);
      return {
        status: 200,
        headers: { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
        body: { organization_name: organizationName, inviter_name: inviterName, email, expires_at: expiresAt.toISOString() },
      };
    },
  }),
  route({
    method: 'POST',
    path: '/invitations/{token}/accept',
    operationId: 'invitations.accept',
    signedIn: true,
    summary: 'Accept an invitation',
    description:
      'Makes the signed-in person a member, with the roles that were offered. Their address must be the invited one, and verified. It uses the seat that the invitation held. A repeat answers the same. Enter the organization with `POST /auth/organization` next.',
    params: TokenParams,
    responses: { 200: InvitationAccepted },
    errors: ['not_found', 'invitation_for_other_address', 'email_not_verified', 'invitation_outdated', 'conflict', 'plan_limit_reached'],
    examples: {
      responses: {
        200: {
          organization: { id: 'org_01kb2kw5b3e9tr6h1m8x4c7d2n', name: 'Acme' },
          membership_id: 'mem_01kb2m9d5ffg1b6v4k2r8s3t7w',
        },
      },
    },
    async handler({ params, session, origin, deps }) {
      const { orgId, organizationName, membershipId } = await acceptInvitation(deps, params.token, { session, origin });
      return {
        status: 200,
        body: { organization: { id: typeId('org', orgId), name: organizationName }, membership_id: typeId('mem', membershipId) },
      };
    },
  }),
];
