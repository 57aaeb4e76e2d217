import { expect } from 'chai';
import { hasFeature, limitOf, limitOverrides, upgradeFor } from '../../../services/limits/limits.ts';
import { organizationSettings, storedSettings } from '../../../services/organizations/settings.ts';

describe('limits of an organization', () => {
  it('overrides count when they make sense, and are absent when they do not', () => {
    const raw = { seats: 0, workspaces: null, webhook_endpoints: -1, events_per_month: 1.5, sso: 'yes', custom_roles: true, unknown: 3 };
    expect(limitOverrides(raw)).to.deep.equal({ seats: 0, workspaces: null, custom_roles: true });
    for (const nothing of [null, undefined, 7, 'x', []]) expect(limitOverrides(nothing)).to.deep.equal({});
    const limited = { plan: 'free', overrides: limitOverrides(raw) } as const;
    expect([limitOf(limited, 'seats'), limitOf(limited, 'workspaces'), limitOf(limited, 'webhook_endpoints')]).to.deep.equal([0, null, 2]);
    expect([hasFeature(limited, 'custom_roles'), hasFeature(limited, 'sso')]).to.deep.equal([true, false]);
  });

  it('the upgrade is the least plan with more than the organization has now', () => {
    expect(upgradeFor({ plan: 'free', overrides: {} }, 'seats')).to.equal('starter');
    expect(upgradeFor({ plan: 'free', overrides: { seats: 30 } }, 'seats')).to.equal('professional');
    expect(upgradeFor({ plan: 'free', overrides: { seats: null } }, 'seats')).to.equal(null);
    expect(upgradeFor({ plan: 'free', overrides: {} }, 'custom_roles')).to.equal('professional');
    expect(upgradeFor({ plan: 'enterprise', overrides: {} }, 'webhook_endpoints')).to.equal(null);
  });
});

describe('settings of an organization', () => {
  it('nonsense counts as absent, and nothing throws', () => {
    const nonsense = {
      primary_color: 'red',
      logo_url: 'javascript:x',
      api_enabled: 'no',
      mfa: 7,
      api_keys: { max_lifetime_days: -1, allowed_ips: 'x' },
      domains: [],
    };
    for (const raw of [nonsense, {}, null, undefined, 'x', []]) expect(organizationSettings(raw)).to.deep.equal(organizationSettings({}));
  });

  it('what is stored reads back as the same', () => {
    const settings = organizationSettings({
      primary_color: '#123abc',
      mfa: { policy: 'roles', roles: ['owner', 'read_only'], grace_until: '2026-12-01T00:00:00.000Z' },
      api_keys: { max_lifetime_days: null, allowed_ips: ['192.0.2.0/24'] },
      domains: { join: true, join_role: 'viewer' },
    });
    expect(settings.mfa.roles).to.deep.equal(['owner', 'viewer']);
    expect(organizationSettings(storedSettings(settings))).to.deep.equal(settings);
  });
});
