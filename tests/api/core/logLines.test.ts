import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { redactSecrets } from '../../../server/logger.ts';
import { newApiKey } from '../../../services/apiKeys/format.ts';
import { newSigningSecret } from '../../../services/webhooks/sign.ts';

const LOGGER = new URL('../../../server/logger.ts', import.meta.url).href;

describe('core: log lines', () => {
  it('hold no API key and no signing secret, also where an escaped line break or a word comes before it', () => {
    const { key } = newApiKey('live');
    const secret = newSigningSecret();
    for (const before of ['', ' ', '"', '\n', '\t', 'key', '_', '%20']) {
      const line = redactSecrets(JSON.stringify({ msg: `${before}${key}`, stack: `${before}${secret}` }));
      expect(line, JSON.stringify(before)).to.contain('sk_live_***').and.to.contain('whsec_***');
      expect(line).not.to.contain(key.slice(8)).and.not.to.contain(secret.slice(6));
    }
  });

  it('hold nothing of a request that could not be parsed: its headers may carry a key', () => {
    const raw = 'GET / HTTP/1.1\r\nAuthorization: Bearer secret';
    const script = `import { createLogger } from ${JSON.stringify(LOGGER)};
      const error = Object.assign(new Error('Parse Error'), { code: 'HPE_X', rawPacket: Buffer.from(${JSON.stringify(raw)}) });
      createLogger('info', 'test').warn({ err: error }, 'an answer could not be sent');`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(stdout, stderr).to.contain('HPE_X').and.to.contain('Parse Error');
    expect(stdout)
      .not.to.contain('rawPacket')
      .and.not.to.contain([...Buffer.from('secret')].join(','));
  });
});
