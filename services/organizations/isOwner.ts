import type { Grant } from '../../db/queries/grant.ts';

/** Owners are owners of the whole organization. */
export const isOwner = ({ role, workspace_id: workspaceId }: Pick<Grant, 'role' | 'workspace_id'>): boolean =>
  role === 'owner' && workspaceId === null;
