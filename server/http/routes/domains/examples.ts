export const DOMAIN_EXAMPLE = {
  id: 'dom_01kb2n3c8rfqat5m7x1d9v4h6k',
  domain: 'acme.example',
  status: 'pending',
  record: {
    type: 'TXT',
    name: '_artisan-challenge.acme.example',
    value: 'artisan-domain-verification=Jm3x0Qd2mS7p9vC1kR8tY4wZ6bN5hL0a',
  },
  verified_at: null,
  confirmed_at: null,
  checked_at: null,
  failures: 0,
  last_failure: null,
  created_at: '2026-11-21T09:00:00.000Z',
};

export const VERIFIED_EXAMPLE = {
  ...DOMAIN_EXAMPLE,
  status: 'verified',
  verified_at: '2026-11-21T09:10:00.000Z',
  confirmed_at: '2026-11-21T09:10:00.000Z',
  checked_at: '2026-11-21T09:10:00.000Z',
};
