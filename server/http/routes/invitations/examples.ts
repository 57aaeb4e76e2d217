export const INVITATION_IN_EXAMPLE = { email: 'grace@acme.example', roles: [{ role: 'member' }] };

export const INVITATION_EXAMPLE = {
  id: 'inv_01kb2m7w4ge6tbzy1n3sgvr2kq',
  email: 'grace@acme.example',
  roles: [{ role: 'member', workspace_id: null }],
  status: 'pending',
  invited_by: { type: 'user', id: 'usr_01kb2kx6m1fqmr3p8c2d7a9n5e' },
  sent_at: '2026-11-21T09:00:00.000Z',
  expires_at: '2026-11-28T09:00:00.000Z',
  accepted_at: null,
  created_at: '2026-11-21T09:00:00.000Z',
};
