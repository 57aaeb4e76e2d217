import type { Route } from './route.ts';
import { apiKeyRoutes } from './routes/apiKeys/routes.ts';
import { apiKeyStateRoutes } from './routes/apiKeys/stateRoutes.ts';
import { emailRoutes } from './routes/auth/emailRoutes.ts';
import { jwksRoutes } from './routes/auth/jwksRoutes.ts';
import { loginRoutes } from './routes/auth/loginRoutes.ts';
import { meRoutes } from './routes/auth/meRoutes.ts';
import { passwordRoutes } from './routes/auth/passwordRoutes.ts';
import { registerRoutes } from './routes/auth/registerRoutes.ts';
import { sessionRoutes } from './routes/auth/sessionRoutes.ts';
import { apiKeyRotationRoutes } from './routes/apiKeys/rotationRoutes.ts';
import { apiKeyUsageRoutes } from './routes/apiKeys/usageRoutes.ts';
import { payloadErasureRoutes } from './routes/events/erasureRoutes.ts';
import { eventRoutes } from './routes/events/routes.ts';
import { eventTypeRoutes } from './routes/eventTypes/routes.ts';
import { mfaRoutes } from './routes/mfa/routes.ts';
import { totpRoutes } from './routes/mfa/totpRoutes.ts';
import { verifyRoutes } from './routes/mfa/verifyRoutes.ts';
import { webauthnRoutes } from './routes/mfa/webauthnRoutes.ts';
import { organizationDeletionRoutes } from './routes/organizations/deletionRoutes.ts';
import { ownershipTransferRoutes } from './routes/organizations/transferRoutes.ts';
import { organizationRoutes } from './routes/organizations/routes.ts';
import { workspaceRoutes } from './routes/workspaces/routes.ts';
import { leakReportRoutes } from './routes/leakReports/routes.ts';
import { healthRoutes } from './routes/health/routes.ts';
import { memberRoutes } from './routes/members/routes.ts';
import { workspaceMemberRoutes } from './routes/members/workspaceRoutes.ts';
import { permissionRoutes } from './routes/permissions/routes.ts';
import { roleRoutes } from './routes/roles/routes.ts';
import { userRoutes } from './routes/users/routes.ts';
import { domainRoutes } from './routes/domains/routes.ts';
import { joinRoutes } from './routes/domains/joinRoutes.ts';
import { acceptRoutes } from './routes/invitations/acceptRoutes.ts';
import { invitationRoutes } from './routes/invitations/routes.ts';
import { webhookBacklogRoutes } from './routes/webhooks/backlogRoutes.ts';
import { bulkReplayRoutes } from './routes/webhooks/bulkReplayRoutes.ts';
import { deadLetterRoutes } from './routes/webhooks/deadLetterRoutes.ts';
import { deliveryRoutes } from './routes/webhooks/deliveryRoutes.ts';
import { replayListRoutes } from './routes/webhooks/replayListRoutes.ts';
import { replayRoutes } from './routes/webhooks/replayRoutes.ts';
import { webhookRoutes } from './routes/webhooks/routes.ts';
import { webhookTestRoutes } from './routes/webhooks/testRoutes.ts';
import { webhookSecretRoutes } from './routes/webhooks/secretRoutes.ts';
import { webhookStateRoutes } from './routes/webhooks/stateRoutes.ts';
import { webhookStatsRoutes } from './routes/webhooks/statsRoutes.ts';

/** The whole API on one screen. Order is the order of the documentation. */
export const api: Route[] = [
  ...eventRoutes,
  ...payloadErasureRoutes,
  ...eventTypeRoutes,
  ...webhookRoutes,
  ...webhookTestRoutes,
  ...webhookSecretRoutes,
  ...webhookStateRoutes,
  ...webhookStatsRoutes,
  ...webhookBacklogRoutes,
  ...deliveryRoutes,
  ...replayRoutes,
  ...bulkReplayRoutes,
  ...replayListRoutes,
  ...deadLetterRoutes,
  ...memberRoutes,
  ...workspaceMemberRoutes,
  ...userRoutes,
  ...roleRoutes,
  ...permissionRoutes,
  ...organizationRoutes,
  ...organizationDeletionRoutes,
  ...ownershipTransferRoutes,
  ...workspaceRoutes,
  ...apiKeyRoutes,
  ...apiKeyStateRoutes,
  ...apiKeyRotationRoutes,
  ...registerRoutes,
  ...loginRoutes,
  ...passwordRoutes,
  ...sessionRoutes,
  ...meRoutes,
  ...emailRoutes,
  ...mfaRoutes,
  ...totpRoutes,
  ...webauthnRoutes,
  ...verifyRoutes,
  ...jwksRoutes,
  ...apiKeyUsageRoutes,
  ...invitationRoutes,
  ...acceptRoutes,
  ...domainRoutes,
  ...joinRoutes,
  ...leakReportRoutes,
  ...healthRoutes,
];
