import { z } from 'zod';
import { INVITATION_STATUSES } from '../../../../services/invitations/status.ts';
import { instant, text } from '../../fields.ts';
import { emailField } from '../auth/fields.ts';
import { RoleGrants } from '../roles/grantSchemas.ts';

export const InvitationIn = z
  .strictObject({
    email: emailField().describe('Who accepts has to sign in with this address.'),
    roles: RoleGrants.refine((roles) => roles.length > 0, 'must name a role').describe(
      'What they become; nobody can offer what they do not hold.',
    ),
  })
  .meta({ id: 'InvitationIn' });

export const InvitationFilters = {
  status: z
    .enum(INVITATION_STATUSES, `must be one of ${INVITATION_STATUSES.join(', ')}`)
    .optional()
    .describe('Only these.'),
  email: emailField().optional().describe('Only those for this address.'),
};

export const InvitationOut = z
  .object({
    id: z.string(),
    email: z.string(),
    roles: z.array(z.object({ role: z.string(), workspace_id: z.string().nullable() })),
    status: z.enum(INVITATION_STATUSES),
    invited_by: z.object({ type: z.enum(['user', 'api_key']), id: z.string() }).describe('Who sent it last.'),
    sent_at: instant(),
    expires_at: instant(),
    accepted_at: instant().nullable(),
    created_at: instant(),
  })
  .meta({ id: 'Invitation' });

export const TokenParams = z.strictObject({ token: text().max(100).describe('From the mail: `ivt_…`.') });

export const InvitationPreview = z
  .object({
    organization_name: z.string(),
    inviter_name: z.string().nullable(),
    email: z.string().describe('The invited address but for most of what stands before the @.'),
    expires_at: instant(),
  })
  .meta({ id: 'InvitationPreview' });

export const InvitationAccepted = z
  .object({
    organization: z.object({ id: z.string(), name: z.string() }),
    membership_id: z.string(),
  })
  .meta({ id: 'InvitationAccepted' });
