import { expect } from 'chai';
import type { FoundApiKey } from '../../../db/queries/findApiKey.ts';
import { toKeyRecord } from '../../../services/apiKeys/keyRecord.ts';
import type { KeyRecord } from '../../../services/apiKeys/keyRecord.ts';
import { KEY_REFUSALS, refusalOf } from '../../../services/apiKeys/refusalOf.ts';
import { ERROR_CODES } from '../../../services/errors/codes.ts';
import { addressList } from '../../../services/network/addressList.ts';
import { keyRecord } from '../../support/keyRecord.ts';

const now = new Date('2026-11-02T09:30:00Z');
const later = new Date(now.getTime() + 1);
const codeOf = (changes: Partial<KeyRecord>, ip = '192.0.2.1') => refusalOf(keyRecord(changes), { now, ip })?.code ?? null;

const found = (changes: Partial<FoundApiKey> = {}): FoundApiKey => ({
  id: 'key',
  org_id: 'org',
  workspace_id: null,
  key_id: 'k',
  name: 'Key',
  digest: Buffer.alloc(32),
  scopes: ['lead.read', 'lead.delete', 'audit.manage', 'no.such'],
  owner_type: 'organization',
  owner_user_id: null,
  rate_limit_per_hour: null,
  allowed_ips: [],
  expires_at: null,
  revoked_at: null,
  created_at: now,
  family_id: 'key',
  rotated_at: null,
  retires_at: null,
  disabled_at: null,
  org_plan: 'free',
  org_deleted: false,
  org_settings: {},
  owner_grants: null,
  ...changes,
});
const scopesOf = (changes: Partial<FoundApiKey>): string[] => [...toKeyRecord(found(changes)).permissions];
const ofPerson = { owner_type: 'user', owner_user_id: 'person' } as const;
const viewer = { role: 'viewer', permissions: null, workspace_id: null };

describe('API keys: what a genuine key may do', () => {
  it('each state has its own answer; a time counts from its own millisecond on', () => {
    const cases: [Partial<KeyRecord>, string | null][] = [
      [{}, null],
      [{ revokedAt: now }, 'api_key_revoked'],
      [{ disabledAt: now }, 'api_key_disabled'],
      [{ retiresAt: now }, 'api_key_retired'],
      [{ retiresAt: later }, null],
      [{ expiresAt: now }, 'api_key_expired'],
      [{ expiresAt: later }, null],
      [{ ownerActive: false }, 'api_key_owner_inactive'],
      [{ apiEnabled: false }, 'api_access_disabled'],
      [{ lifetimeEndsAt: now }, 'api_key_policy_violation'],
      [{ lifetimeEndsAt: later }, null],
      [{ allowedFrom: [addressList(['198.51.100.0/24'])] }, 'ip_not_allowed'],
    ];
    for (const [changes, code] of cases) expect(codeOf(changes), JSON.stringify(changes)).to.equal(code);
    expect(cases.map(([, code]) => code)).to.include.members([...KEY_REFUSALS]);
    expect(KEY_REFUSALS.every((code) => [401, 403].includes(ERROR_CODES[code].status))).to.equal(true);
  });

  it('what is for good is told before what may pass', () => {
    const all = {
      revokedAt: now,
      disabledAt: now,
      retiresAt: now,
      expiresAt: now,
      ownerActive: false,
      apiEnabled: false,
      lifetimeEndsAt: now,
    };
    expect(codeOf(all)).to.equal('api_key_revoked');
    expect(codeOf({ ...all, revokedAt: null })).to.equal('api_key_disabled');
  });

  it('the lists of the key and of the organization must both hold the address', () => {
    const both = { allowedFrom: [addressList(['192.0.2.0/24']), addressList(['192.0.2.0/30'])] };
    expect([codeOf(both, '192.0.2.3'), codeOf(both, '192.0.2.4'), codeOf(both, '203.0.113.1')]).to.deep.equal([
      null,
      'ip_not_allowed',
      'ip_not_allowed',
    ]);
    const { allowedFrom } = toKeyRecord(
      found({ allowed_ips: ['192.0.2.0/24'], org_settings: { api_keys: { allowed_ips: ['192.0.2.0/30'] } } }),
    );
    expect(['192.0.2.3', '192.0.2.4'].map((ip) => codeOf({ allowedFrom }, ip))).to.deep.equal([null, 'ip_not_allowed']);
  });

  it('a key of the organization has its scopes, whatever becomes of who made it; unknown scopes grant nothing', () => {
    expect(scopesOf({})).to.have.members(['lead.read', 'lead.delete', 'audit.manage']);
  });

  it('a person’s key has of its scopes what the person holds at present, and none when the person is gone', () => {
    expect(scopesOf({ ...ofPerson, owner_grants: [viewer] })).to.deep.equal(['lead.read']);
    expect(
      scopesOf({ ...ofPerson, owner_grants: [viewer, { role: null, permissions: ['lead.delete'], workspace_id: null }] }),
    ).to.have.members(['lead.read', 'lead.delete']);
    expect([scopesOf({ ...ofPerson }), toKeyRecord(found(ofPerson)).ownerActive]).to.deep.equal([[], false]);
  });

  it('a role in one workspace is worth nothing to a key of the whole organization or of another workspace', () => {
    const grants = [{ ...viewer, workspace_id: 'w1' }];
    const scopes = [null, 'w2', 'w1'].map((workspace_id) => scopesOf({ ...ofPerson, workspace_id, owner_grants: grants }));
    expect(scopes).to.deep.equal([[], [], ['lead.read']]);
  });

  it('the policy counts a lifetime from when the key was made: 366 days unless it says otherwise', () => {
    const endOf = (settings: object) => toKeyRecord(found({ org_settings: { api_keys: settings } })).lifetimeEndsAt?.toISOString() ?? null;
    expect(endOf({})).to.equal('2027-11-03T09:30:00.000Z');
    expect(endOf({ max_lifetime_days: 1 })).to.equal('2026-11-03T09:30:00.000Z');
    expect(endOf({ max_lifetime_days: null })).to.equal(null);
  });
});
