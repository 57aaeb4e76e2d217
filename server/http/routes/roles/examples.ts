export const ROLE_IN_EXAMPLE = {
  name: 'Analyst',
  description: 'Reads figures and exports them.',
  permissions: ['organization.read' as const, 'analytics.read' as const, 'analytics.export' as const],
};

export const ROLE_EXAMPLE = {
  id: 'rol_01m7z5g3jde6qv1bam1zfw2qbh',
  role: 'rol_01m7z5g3jde6qv1bam1zfw2qbh',
  ...ROLE_IN_EXAMPLE,
  built_in: false,
  members: 2,
  grantable: true,
  created_at: '2026-11-02T09:30:00.000Z',
  updated_at: '2026-11-02T09:30:00.000Z',
};
