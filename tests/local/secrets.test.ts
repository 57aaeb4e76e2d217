import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localSecrets, readSecrets } from '../../server/local/secrets.ts';
import { localSettings, processEnvironment } from '../../server/local/settings.ts';

describe('local secrets', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'artisan-secrets-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('are generated once, differ from each other, and only their owner may read them', () => {
    const secrets = localSecrets(dir);
    expect(localSecrets(dir)).to.deep.equal(secrets);
    const all = [secrets.apiKeyPepper, secrets.encryptionKeys, ...Object.values(secrets.databasePasswords)];
    expect(new Set(all).size).to.equal(6);
    expect(statSync(join(dir, 'secrets.json')).mode & 0o777).to.equal(0o600);
    expect(readdirSync(dir)).to.deep.equal(['secrets.json']);
  });

  it('are never replaced: a damaged file is an error that names it', () => {
    writeFileSync(join(dir, 'secrets.json'), '{"encryptionKeys":');
    expect(() => localSecrets(dir)).to.throw(/secrets\.json cannot be read/);
    expect(readFileSync(join(dir, 'secrets.json'), 'utf8')).to.equal('{"encryptionKeys":');
    expect(() => readSecrets(dir)).to.throw();
    writeFileSync(join(dir, 'secrets.json'), '{}');
    expect(() => readSecrets(dir)).to.throw(/secrets\.json cannot be read/);
  });

  it('are not made anew beside a database that the lost ones open', () => {
    mkdirSync(join(dir, 'postgres'));
    expect(() => localSecrets(dir)).to.throw(/secrets\.json is missing/);
    expect(readdirSync(dir)).to.deep.equal(['postgres']);
  });

  it('give way to the environment', () => {
    const key = `mine:${Buffer.alloc(32, 1).toString('base64')}`;
    const { config } = localSettings({ DATA_DIR: dir, ENCRYPTION_KEYS: key });
    expect(config.ENCRYPTION_KEYS).to.equal(key);
    expect(config.API_KEY_PEPPER).to.equal(localSecrets(dir).apiKeyPepper);
  });

  it('http:// endpoints on loopback are allowed unless NODE_ENV is production', () => {
    expect(localSettings({ DATA_DIR: dir }).config.WEBHOOK_ALLOW_INSECURE_LOOPBACK).to.equal(true);
    expect(localSettings({ DATA_DIR: dir, NODE_ENV: 'production' }).config.WEBHOOK_ALLOW_INSECURE_LOOPBACK).to.equal(false);
  });

  it('reach a process only where it needs them: one database login for the API, two for the worker, the owner for nobody', () => {
    const urls = { DATABASE_URL: 'postgres://app', DATABASE_SYSTEM_URL: 'postgres://system', DATABASE_OWNER_URL: 'postgres://owner' };
    const { config } = localSettings({ DATA_DIR: dir, ...urls });
    const logins = (process: 'api' | 'worker') =>
      Object.keys(processEnvironment(config, process)).filter((name) => name.startsWith('DATABASE_') && name.endsWith('URL'));
    expect(logins('api')).to.deep.equal(['DATABASE_URL']);
    expect(logins('worker')).to.have.members(['DATABASE_URL', 'DATABASE_SYSTEM_URL']);
  });
});
