import { typeId } from '../../server/ids.ts';
import type { AuditTarget } from '../audit/entry.ts';
import type { Member } from './find.ts';

/** A member as the audit log tells of it. */
export const describeMember = ({ status, roles }: Member) => ({
  status,
  roles: roles.map(({ role, roleId, workspaceId, source }) => ({
    role: role ?? typeId('rol', roleId!),
    workspace_id: workspaceId === null ? null : typeId('wsp', workspaceId),
    source,
  })),
});

export const memberTarget = ({ userId, email }: Member): AuditTarget => ({ type: 'user', id: typeId('usr', userId), name: email });
