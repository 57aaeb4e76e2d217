import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { createHmac } from 'node:crypto';
import { readSamples } from '../../server/local/demoScenario.ts';
import { verifyWebhook } from '../../server/local/verifyWebhook.ts';
import { PUBLISHABLE_EVENT_TYPES } from '../../services/eventTypes/registry.ts';
import { platformDir, removeDir, runLocal } from '../support/platform.ts';

describe('npm run demo', () => {
  it('has a sample of every event type that clients publish', () => {
    expect(readSamples().map(({ type }) => type)).to.have.members([...PUBLISHABLE_EVENT_TYPES]);
  });

  it('starts a platform of its own when none runs, and leaves nothing of it behind', async function () {
    this.timeout(180_000);
    const dir = platformDir();
    const { closed, output } = runLocal('demo.ts', [], dir, { TMPDIR: dir });
    expect(await closed, output()).to.equal(0);
    expect(output()).to.contain('All 14 deliveries arrived with a valid signature.');
    expect(output()).to.match(/The old key is answered 401 api_key_retired\.\n.* \d{2,} requests meanwhile, 0 failed\./);
    expect(readdirSync(dir)).to.deep.equal([]);
    removeDir(dir);
  });
});

describe('verifyWebhook', () => {
  const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
  const now = 1_800_000_000_000;
  const sign = (body: string) => createHmac('sha256', Buffer.alloc(32, 3)).update(`msg_1.1800000000.${body}`).digest('base64');
  const headers = (body: string) => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1800000000',
    'webhook-signature': `v1,AAAA v1,${sign(body)}`,
  });

  it('takes a genuine webhook, also beside the signature of another key', () => {
    expect(verifyWebhook(secret, headers('{}'), '{}', now)).to.equal(null);
  });

  it('refuses another body, another secret, an old timestamp and a missing header', () => {
    expect(verifyWebhook(secret, headers('{}'), '{ }', now)).to.equal('no signature matches');
    expect(verifyWebhook(`whsec_${Buffer.alloc(32, 4).toString('base64')}`, headers('{}'), '{}', now)).to.equal('no signature matches');
    expect(verifyWebhook(secret, headers('{}'), '{}', now + 301_000)).to.contain('five minutes');
    expect(verifyWebhook(secret, { 'webhook-id': 'msg_1' }, '{}', now)).to.contain('missing');
  });
});
