import { z } from 'zod';
import { instant, line } from '../../fields.ts';
import { idSchema } from '../../params.ts';

const name = line(120).describe('What people call the workspace.');

export const WorkspaceParams = z.strictObject({ workspace_id: idSchema('wsp') });
export const WorkspaceIn = z.strictObject({ name }).meta({ id: 'WorkspaceIn' });
export const DeleteQuery = z.strictObject({
  force: z
    .enum(['true', 'false'], 'must be true or false')
    .default('false')
    .describe('Deletes the webhook endpoints that are bound to the workspace, and revokes its API keys, with it.'),
});
export const WorkspaceOut = z.object({ id: z.string(), name: z.string(), created_at: instant() }).meta({ id: 'WorkspaceOut' });
