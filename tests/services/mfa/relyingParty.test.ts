import { expect } from 'chai';
import { ConfigError, loadConfig } from '../../../server/config.ts';
import { relyingPartyOf } from '../../../services/mfa/webauthn/relyingParty.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';

const load = (env: Record<string, string>) => loadConfig({ ...TEST_SECRETS, PORT: '3000', ...env });

const FAULTY: Record<string, string>[] = [
  { WEBAUTHN_ORIGINS: 'http://app.example', WEBAUTHN_RP_ID: 'app.example' },
  { WEBAUTHN_ORIGINS: 'https://app.example/', WEBAUTHN_RP_ID: 'app.example' },
  { WEBAUTHN_ORIGINS: 'https://app.example,https://notapp.example', WEBAUTHN_RP_ID: 'app.example' },
  { WEBAUTHN_ORIGINS: 'app.example', WEBAUTHN_RP_ID: 'app.example' },
  { WEBAUTHN_ORIGINS: 'https://app.example', PUBLIC_URL: 'https://api.other.example' },
];

describe('the relying party of WebAuthn', () => {
  it('is by default the host and the origin of PUBLIC_URL, and localhost without one', () => {
    expect(relyingPartyOf(load({ PUBLIC_URL: 'https://api.acme.example/base' })))
      .to.include({ id: 'api.acme.example' })
      .and.deep.include({ origins: ['https://api.acme.example'] });
    expect(relyingPartyOf(load({}))).to.deep.include({ id: 'localhost', origins: ['http://localhost:3000'] });
  });

  it('may be a domain above the pages, of which there may be several', () => {
    const config = load({ WEBAUTHN_RP_ID: 'acme.example', WEBAUTHN_ORIGINS: 'https://app.acme.example, https://acme.example:8443' });
    expect(relyingPartyOf(config)).to.deep.include({
      id: 'acme.example',
      origins: ['https://app.acme.example', 'https://acme.example:8443'],
    });
  });

  for (const env of FAULTY) {
    it(`refuses at start what no browser would use: ${Object.values(env).join(' for ')}`, () => {
      expect(() => load(env)).to.throw(ConfigError, 'WEBAUTHN_ORIGINS');
    });
  }
});
