import { expect } from 'chai';
import { createAuthenticator } from '../../../services/apiKeys/authenticate.ts';
import { digestApiKey, newApiKey } from '../../../services/apiKeys/format.ts';
import type { KeyRecord } from '../../../services/apiKeys/keyRecord.ts';
import { AppError } from '../../../services/errors/AppError.ts';
import { keyRecord } from '../../support/keyRecord.ts';

const pepper = 'p'.repeat(32);
const { key, keyId, secret } = newApiKey('live');
const record = (changes: Partial<KeyRecord> = {}): KeyRecord => keyRecord({ keyId, digest: digestApiKey(pepper, secret), ...changes });

/** A look-up that each test answers when it wants to. */
function lookup() {
  const waiting: { resolve: (found: KeyRecord | null) => void; reject: (error: Error) => void }[] = [];
  const findKey = (): Promise<KeyRecord | null> => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  return { waiting, authenticator: createAuthenticator({ pepper, findKey }) };
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'accepted',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

describe('API keys: the cache', () => {
  it('a key that changes while it is read is read again, because what was read may be the old state', async () => {
    const { waiting, authenticator } = lookup();
    const first = authenticator.identify(key);
    authenticator.forget(keyId);
    waiting[0]!.resolve(record());
    await first;
    const second = authenticator.identify(key);
    expect(waiting).to.have.length(2);
    waiting[1]!.resolve(record({ revokedAt: new Date() }));
    expect((await second).revokedAt).to.be.a('date');
  });

  it('after a lost notification channel everything is read again', async () => {
    const { waiting, authenticator } = lookup();
    const first = authenticator.identify(key);
    waiting[0]!.resolve(record());
    await first;
    authenticator.forgetAll();
    void codeOf(authenticator.identify(key));
    expect(waiting).to.have.length(2);
  });

  it('unknown keys are asked for each time, so a key works as soon as it is made', async () => {
    const { waiting, authenticator } = lookup();
    const first = codeOf(authenticator.identify(key));
    waiting[0]!.resolve(null);
    expect(await first).to.equal('invalid_api_key');
    const second = codeOf(authenticator.identify(key));
    waiting[1]!.resolve(record());
    expect(await second).to.equal('accepted');
  });

  it('a failed look-up is the failure of the requests that wait for it, and is not kept', async () => {
    const { waiting, authenticator } = lookup();
    const both = [codeOf(authenticator.identify(key)), codeOf(authenticator.identify(key))];
    expect(waiting).to.have.length(1);
    waiting[0]!.reject(new AppError('service_unavailable'));
    expect(await Promise.all(both)).to.deep.equal(['service_unavailable', 'service_unavailable']);
    const next = codeOf(authenticator.identify(key));
    waiting[1]!.resolve(record());
    expect(await next).to.equal('accepted');
  });

  it('what a key hangs on makes it forgotten, and no other: its organization, and the person whose it is', async () => {
    const own = newApiKey('live');
    const records = new Map([
      [keyId, record({ ownerUserId: 'user-1' })],
      [own.keyId, record({ orgId: 'another', keyId: own.keyId, digest: digestApiKey(pepper, own.secret) })],
    ]);
    const read: string[] = [];
    const findKey = async (id: string) => (read.push(id), records.get(id) ?? null);
    const authenticator = createAuthenticator({ pepper, findKey });
    const readAfter = async (subject: string): Promise<string[]> => {
      for (const each of [key, own.key]) await authenticator.identify(each);
      read.length = 0;
      authenticator.forgetAccess(subject);
      for (const each of [key, own.key]) await authenticator.identify(each);
      return [...read];
    };
    expect(await readAfter('user:user-1')).to.deep.equal([keyId]);
    expect(await readAfter(`org:${record().orgId}`)).to.deep.equal([keyId]);
    expect(await readAfter('org:another')).to.deep.equal([own.keyId]);
    expect(await readAfter('user:another')).to.deep.equal([]);
  });

  it('what is being read when access changes is used by those who wait for it, and not kept', async () => {
    const { waiting, authenticator } = lookup();
    const first = authenticator.identify(key);
    authenticator.forgetAccess('org:whichever');
    waiting[0]!.resolve(record());
    await first;
    void codeOf(authenticator.identify(key));
    expect(waiting).to.have.length(2);
  });

  it('a secret that was proven once does not help another one, before or after', async () => {
    const shared = record();
    const other = newApiKey('live');
    const authenticator = createAuthenticator({ pepper, findKey: () => Promise.resolve(shared) });
    const answers = [];
    for (const text of [other.key, key, key, other.key, other.key, key]) answers.push(await codeOf(authenticator.identify(text)));
    expect(answers).to.deep.equal(['invalid_api_key', 'accepted', 'accepted', 'invalid_api_key', 'invalid_api_key', 'accepted']);
  });
});
