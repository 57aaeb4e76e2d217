import { expect } from 'chai';
import type { FoundSession } from '../../../db/queries/findSession.ts';
import type { AccessClaims, AccessTokens } from '../../../services/auth/accessTokens.ts';
import { createSessionAuthenticator } from '../../../services/auth/authenticateSession.ts';
import { AppError } from '../../../services/errors/AppError.ts';

const [SESSION, USER, ORG] = [1, 2, 3].map((n) => `01980a4e-7c00-7000-8000-00000000000${n}`) as [string, string, string];
const soon = (): Date => new Date(Date.now() + 60_000);

const found = (changes: Partial<FoundSession> = {}): FoundSession => ({
  id: SESSION,
  user_id: USER,
  email: 'ada@example.com',
  name: null,
  email_verified_at: null,
  amr: ['pwd'],
  auth_time: new Date(),
  mfa_at: null,
  expires_at: soon(),
  revoked_at: null,
  user_deleted: false,
  org_id: ORG,
  org_plan: 'free',
  org_deleted: false,
  org_settings: {},
  membership_id: '01980a4e-7c00-7000-8000-000000000004',
  grants: [{ role: 'viewer', permissions: null, workspace_id: null }],
  ...changes,
});

/** A look-up that each test answers when it wants to, behind a signature that is good. */
function sessions(now = () => new Date(), claims: Partial<AccessClaims> = {}) {
  const waiting: { resolve: (session: FoundSession | null) => void; reject: (error: Error) => void }[] = [];
  const findSession = (): Promise<FoundSession | null> => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  const verify = async (): Promise<AccessClaims> => ({ userId: USER, sessionId: SESSION, orgId: ORG, expiresAt: soon(), ...claims });
  const authenticator = createSessionAuthenticator({ tokens: { verify } as unknown as AccessTokens, clock: { now }, findSession });
  const ask = (): Promise<string> =>
    authenticator.authenticate('token').then(
      ({ organization }) => (organization ? `in ${organization.grants[0]?.role}` : 'nowhere'),
      (error: unknown) => (error instanceof AppError ? error.code : String(error)),
    );
  /** Asks, and answers the look-up that this must lead to. */
  const askAndFind = async (session: FoundSession | null): Promise<string> => {
    const before = waiting.length;
    const answer = ask();
    await tick();
    expect(waiting).to.have.length(before + 1);
    waiting.at(-1)!.resolve(session);
    return answer;
  };
  return { waiting, authenticator, ask, askAndFind };
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('sessions: the cache', () => {
  it('asks once for what nobody changed, whoever asks how often', async () => {
    const { waiting, ask } = sessions();
    const answers = [ask(), ask(), ask()];
    await tick();
    expect(waiting).to.have.length(1);
    waiting[0]!.resolve(found());
    expect(await Promise.all(answers)).to.deep.equal(['in viewer', 'in viewer', 'in viewer']);
    expect(await ask()).to.equal('in viewer');
    expect(waiting).to.have.length(1);
  });

  for (const subject of [`user:${USER}`, `org:${ORG}`]) {
    it(`asks again after a change of the ${subject.split(':')[0]}, and not after one of another`, async () => {
      const { waiting, authenticator, ask, askAndFind } = sessions();
      expect(await askAndFind(found())).to.equal('in viewer');
      authenticator.forget(subject.replace(/.$/, '9'));
      expect(await ask()).to.equal('in viewer');
      expect(waiting).to.have.length(1);
      authenticator.forget(subject);
      expect(await askAndFind(found({ revoked_at: new Date() }))).to.equal('session_ended');
    });
  }

  it('what changed while it was read is read again, by who asks now and by who asks later', async () => {
    const { waiting, authenticator, ask } = sessions();
    const first = ask();
    await tick();
    authenticator.forget(`user:${USER}`);
    const second = ask();
    await tick();
    expect(waiting).to.have.length(2);
    waiting[1]!.resolve(found({ membership_id: null, grants: null }));
    expect(await second).to.equal('nowhere');
    waiting[0]!.resolve(found());
    await first;
    const third = ask();
    await tick();
    expect(waiting).to.have.length(3);
    waiting[2]!.resolve(found({ membership_id: null, grants: null }));
    expect(await third).to.equal('nowhere');
  });

  it('after a lost notification channel everything is read again', async () => {
    const { authenticator, askAndFind } = sessions();
    await askAndFind(found());
    authenticator.forgetAll();
    expect(await askAndFind(found({ user_deleted: true }))).to.equal('session_ended');
  });

  it('what has ended is asked for each time, and a failed look-up is the failure of who waits for it', async () => {
    const { waiting, ask, askAndFind } = sessions();
    expect(await askAndFind(null)).to.equal('session_ended');
    const failing = ask();
    await tick();
    waiting.at(-1)!.reject(new AppError('service_unavailable'));
    expect(await failing).to.equal('service_unavailable');
    expect(await askAndFind(found())).to.equal('in viewer');
  });

  it('a session that reaches its end while it is kept stops at its time', async () => {
    let now = new Date();
    const { ask, askAndFind } = sessions(() => now);
    const expires_at = new Date(now.getTime() + 1_000);
    expect(await askAndFind(found({ expires_at }))).to.equal('in viewer');
    now = expires_at;
    expect(await ask()).to.equal('session_ended');
  });

  it('a token of somebody else opens no session, also when it is kept', async () => {
    const { askAndFind } = sessions(undefined, { userId: ORG });
    expect(await askAndFind(found())).to.equal('session_ended');
  });

  it('a deleted organization is entered by nobody', async () => {
    expect(await sessions().askAndFind(found({ org_deleted: true }))).to.equal('nowhere');
  });
});
