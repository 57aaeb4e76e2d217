import type { Origin } from '../auth/personContext.ts';
import type { SessionRecord } from '../auth/sessionRecord.ts';
import type { Actor } from '../context.ts';

/** Somebody who joins an organization (uuid), as the actor of their joining: a person with no permission there yet. */
export const newcomer = (orgId: string, { userId, email, name }: SessionRecord, origin: Origin): Actor => ({
  type: 'user',
  id: userId,
  name: name ?? email,
  orgId,
  workspaceId: null,
  permissions: new Set(),
  ...origin,
  workflowId: null,
});
