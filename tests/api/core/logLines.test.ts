import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { UnsecuredJWT } from 'jose';
import { newId } from '../../../server/ids.ts';
import { redactSecrets } from '../../../server/logger.ts';
import { newApiKey } from '../../../services/apiKeys/format.ts';
import { sealPendingLogin } from '../../../services/auth/pendingLogin.ts';
import { newSecretToken } from '../../../services/auth/secretToken.ts';
import { createVault } from '../../../services/crypto/vault.ts';
import { newSigningSecret } from '../../../services/webhooks/sign.ts';
import { TEST_SECRETS } from '../../support/testConfig.ts';

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

  it('hold no token of a person: access, refresh, of a mail, or of a sign-in that is under way', () => {
    const vault = createVault(TEST_SECRETS.ENCRYPTION_KEYS);
    const pending = { userId: newId(), amr: ['pwd'], authTime: new Date(), passwordChangedAt: null, orgId: null };
    const tokens = (['rt', 'vt', 'pt'] as const).map((kind) => newSecretToken(kind, newId()).text);
    for (const token of [...tokens, sealPendingLogin(vault, pending), new UnsecuredJWT({ sub: 'usr_1' }).encode()]) {
      const line = redactSecrets(JSON.stringify({ msg: `\n${token}`, url: `https://app.example/verify#token=${token}` }));
      expect(line).to.contain(`#token=${token.slice(0, 3)}***`);
      expect(line).not.to.contain(token.slice(6, 20));
    }
    const harmless = '{"msg":"attempt_number_of_a_delivery"}';
    expect(redactSecrets(harmless)).to.contain('attempt_number');
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

  it('to a pipe that nobody reads any more are dropped: the process ends all the same', async () => {
    const script = `import { createLogger } from ${JSON.stringify(LOGGER)};
      const logger = createLogger('info', 'test');
      logger.info('started');
      setTimeout(() => {
        logger.info('stopping');
        setImmediate(() => (logger.info('stopped'), process.exit(7)));
      }, 300);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = await Promise.race([once(child, 'exit'), sleep(5_000, ['still running'])]);
    child.kill('SIGKILL');
    expect(code).to.equal(7);
  });

  it('arrive whole and in order at a slow reader', async () => {
    const script = `import { createLogger } from ${JSON.stringify(LOGGER)};
      process.stdout.on('error', () => undefined);
      const logger = createLogger('info', 'test');
      for (let n = 0; n < 3_000; n += 1) logger.info({ n, text: 'ä'.repeat(100) }, 'line');`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await sleep(1_000);
    const lines = (await child.stdout.setEncoding('utf8').toArray()).join('').trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { n: number }).n)).to.deep.equal(Array.from({ length: 3_000 }, (_, n) => n));
  });
});
