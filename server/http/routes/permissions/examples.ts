import { HELD_ROLES_EXAMPLE } from '../members/examples.ts';

export const MY_PERMISSIONS_EXAMPLE = {
  credential: 'session' as const,
  organization_id: 'org_01k0501z00e00800000000001h',
  workspace_id: null,
  user_id: 'usr_01k0501z00e00800000000005h',
  api_key_id: null,
  permissions: ['campaign.read' as const, 'campaign.create' as const],
  roles: HELD_ROLES_EXAMPLE.data.slice(0, 1),
  scopes: null,
};
