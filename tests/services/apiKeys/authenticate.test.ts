import { expect } from 'chai';
import { createAuthenticator } from '../../../services/apiKeys/authenticate.ts';
import type { KeyRecord } from '../../../services/apiKeys/authenticate.ts';
import { digestApiKey, newApiKey } from '../../../services/apiKeys/format.ts';
import { AppError } from '../../../services/errors/AppError.ts';

const pepper = 'p'.repeat(32);
const clock = { now: () => new Date() };
const { key, keyId, secret } = newApiKey('live');

const record = (changes: Partial<KeyRecord> = {}): KeyRecord => ({
  id: '01980a4e-7c00-7000-8000-000000000001',
  orgId: '01980a4e-7c00-7000-8000-000000000002',
  workspaceId: null,
  name: 'Key',
  digest: digestApiKey(pepper, secret),
  permissions: new Set(),
  plan: 'free',
  organizationDeleted: false,
  rateLimitPerHour: null,
  expiresAt: null,
  revokedAt: null,
  ...changes,
});

/** A look-up that each test answers when it wants to. */
function lookup() {
  const waiting: { resolve: (found: KeyRecord | null) => void; reject: (error: Error) => void }[] = [];
  const findKey = (): Promise<KeyRecord | null> => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  return { waiting, authenticator: createAuthenticator({ pepper, clock, findKey }) };
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'accepted',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

describe('API keys: the cache', () => {
  it('a key that changes while it is read is read again, because what was read may be the old state', async () => {
    const { waiting, authenticator } = lookup();
    const first = authenticator.authenticate(key);
    authenticator.forget(keyId);
    waiting[0]!.resolve(record());
    await first;
    const second = codeOf(authenticator.authenticate(key));
    expect(waiting).to.have.length(2);
    waiting[1]!.resolve(record({ revokedAt: new Date() }));
    expect(await second).to.equal('api_key_revoked');
  });

  it('after a lost notification channel everything is read again', async () => {
    const { waiting, authenticator } = lookup();
    const first = authenticator.authenticate(key);
    waiting[0]!.resolve(record());
    await first;
    authenticator.forgetAll();
    void codeOf(authenticator.authenticate(key));
    expect(waiting).to.have.length(2);
  });

  it('unknown keys are asked for each time, so a key works as soon as it is made', async () => {
    const { waiting, authenticator } = lookup();
    const first = codeOf(authenticator.authenticate(key));
    waiting[0]!.resolve(null);
    expect(await first).to.equal('invalid_api_key');
    const second = codeOf(authenticator.authenticate(key));
    waiting[1]!.resolve(record());
    expect(await second).to.equal('accepted');
  });

  it('a failed look-up is the failure of the requests that wait for it, and is not kept', async () => {
    const { waiting, authenticator } = lookup();
    const both = [codeOf(authenticator.authenticate(key)), codeOf(authenticator.authenticate(key))];
    expect(waiting).to.have.length(1);
    waiting[0]!.reject(new AppError('service_unavailable'));
    expect(await Promise.all(both)).to.deep.equal(['service_unavailable', 'service_unavailable']);
    const next = codeOf(authenticator.authenticate(key));
    waiting[1]!.resolve(record());
    expect(await next).to.equal('accepted');
  });

  it('a key that expires while it is kept stops at its time', async () => {
    let now = new Date();
    const expiresAt = new Date(now.getTime() + 1_000);
    const authenticator = createAuthenticator({ pepper, clock: { now: () => now }, findKey: async () => record({ expiresAt }) });
    expect(await codeOf(authenticator.authenticate(key))).to.equal('accepted');
    now = expiresAt;
    expect(await codeOf(authenticator.authenticate(key))).to.equal('api_key_expired');
  });

  it('a secret that was proven once does not help another one, before or after', async () => {
    const shared = record();
    const other = newApiKey('live');
    const authenticator = createAuthenticator({ pepper, clock, findKey: () => Promise.resolve(shared) });
    const answers = [];
    for (const text of [other.key, key, key, other.key, other.key, key]) answers.push(await codeOf(authenticator.authenticate(text)));
    expect(answers).to.deep.equal(['invalid_api_key', 'accepted', 'accepted', 'invalid_api_key', 'invalid_api_key', 'accepted']);
  });
});
