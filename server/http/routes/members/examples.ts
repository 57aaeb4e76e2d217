const held = {
  role: 'manager',
  name: 'manager',
  workspace_id: null,
  source: 'manual' as const,
  granted_by: 'usr_01k0501z00e00800000000003h',
  granted_at: '2026-11-02T09:30:00.000Z',
};

export const HELD_ROLES_EXAMPLE = {
  data: [held, { ...held, role: 'rol_01m7z5g3jde6qv1bam1zfw2qbh', name: 'Analyst', workspace_id: 'wsp_01k0501z00e00800000000004h' }],
};

export const MEMBER_EXAMPLE = {
  user_id: 'usr_01k0501z00e00800000000005h',
  membership_id: 'mem_01k0501z00e00800000000006h',
  email: 'grace@acme.example',
  name: 'Grace',
  email_verified: true,
  status: 'active' as const,
  joined_at: '2026-11-02T09:30:00.000Z',
  roles: HELD_ROLES_EXAMPLE.data,
};

export const MEMBER_ROLES_IN_EXAMPLE = { roles: [{ role: 'manager' }] };
