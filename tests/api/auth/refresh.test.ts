import { expect } from 'chai';
import { withTenant } from '../../../db/tenancy.ts';
import { typeId } from '../../../server/ids.ts';
import { forgetEnded } from '../../../services/auth/forgetEnded.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { signInMember } from '../../support/people.ts';
import type { TestSession } from '../../support/people.ts';

const ME = '/api/v1/auth/me';
const DAY_MS = 86_400_000;

describe('auth.refresh', () => {
  const database = useDatabase();
  const app = useApp(database);
  let own: TestOrganization;
  let member: TestSession;
  before(async () => {
    own = await createOrganization(database);
  });
  beforeEach(async () => {
    member = await signInMember(database, own);
  });

  const refresh = (token: string): Promise<TestAnswer> => app.request('POST', '/api/v1/auth/refresh', { body: { refresh_token: token } });
  const me = (token: string): Promise<TestAnswer> => app.request('GET', ME, { key: token });
  const codeOf = ({ status, json }: TestAnswer): unknown[] => [status, json.code];
  /** Lets the time of every answer so far be over. */
  const pass = (ms: number): Promise<unknown> =>
    database
      .system('refresh_tokens')
      .where({ user_id: member.userId })
      .whereNotNull('used_at')
      .update({ used_at: new Date(Date.now() - ms) });

  it('200: the next tokens of the same session in the same organization; a new refresh token each time', async () => {
    const { status, json } = await refresh(member.refreshToken);
    expect([status, json.session_id, json.organization_id, json.expires_in]).to.deep.equal([
      200,
      typeId('ses', member.sessionId),
      typeId('org', own.orgId),
      600,
    ]);
    expect(json.refresh_token).not.to.equal(member.refreshToken);
    expect((await me(json.access_token)).json.id).to.equal(typeId('usr', member.userId));
    expect((await refresh(json.refresh_token)).status).to.equal(200);
  });

  it('200: parallel refreshes, and one that lost its answer, get the same successor', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(member.refreshToken)));
    expect(new Set(answers.map(({ json }) => json.refresh_token)).size).to.equal(1);
    await pass(9_000);
    const late = await refresh(member.refreshToken);
    expect(late.json.refresh_token).to.equal(answers[0]!.json.refresh_token);
    expect(await database.system('refresh_tokens').where({ user_id: member.userId })).to.have.length(2);
  });

  it('401: used again after ten seconds, it ends the session for whoever holds any of its tokens, and that is on record', async () => {
    const { json } = await refresh(member.refreshToken);
    await pass(10_100);
    expect(codeOf(await refresh(member.refreshToken))).to.deep.equal([401, 'refresh_token_reused']);
    expect(codeOf(await refresh(json.refresh_token))).to.deep.equal([401, 'session_ended']);
    expect(codeOf(await me(json.access_token))).to.deep.equal([401, 'session_ended']);
    const entries = await withTenant(database.app, own.orgId, (trx) =>
      trx('audit_view').where({ action: 'auth.refresh', actor_id: typeId('usr', member.userId) }),
    );
    expect(entries).to.have.length(1);
    expect(entries[0]).to.include({ severity: 'critical', outcome: 'denied', target_type: 'session' });
  });

  it('401: only the immediate predecessor has that grace', async () => {
    const { json } = await refresh(member.refreshToken);
    await refresh(json.refresh_token);
    expect(codeOf(await refresh(member.refreshToken))).to.deep.equal([401, 'refresh_token_reused']);
  });

  it('the successor is kept, sealed, for that grace alone', async () => {
    const { json } = await refresh(member.refreshToken);
    const sealed = () =>
      database.system('refresh_tokens').where({ user_id: member.userId }).whereNotNull('sealed_successor').pluck('sealed_successor');
    const [kept] = (await sealed()) as Buffer[];
    expect(kept!.includes(json.refresh_token)).to.equal(false);
    await refresh(json.refresh_token);
    expect(((await sealed()) as Buffer[]).some((each) => each.equals(kept!))).to.equal(false);
    const dump = JSON.stringify(await database.system('refresh_tokens').where({ user_id: member.userId }));
    for (const token of [member.refreshToken, json.refresh_token]) expect(dump).not.to.contain(token.slice(30));
  });

  const refusals: [string, (token: string) => string][] = [
    ['no token of ours', () => 'rt_x'],
    ['one of another person’s rows', (token) => `${token.slice(0, 25)}${token[25] === 'A' ? 'B' : 'A'}${token.slice(26)}`],
    ['one that was cut', (token) => token.slice(0, -1)],
    ['an access token', () => member.accessToken.slice(0, 200)],
    ['a token for another purpose', (token) => token.replace('rt_', 'pt_')],
  ];
  for (const [what, forge] of refusals) {
    it(`401: ${what}; the session goes on`, async () => {
      expect(codeOf(await refresh(forge(member.refreshToken)))).to.deep.equal([401, 'invalid_refresh_token']);
      expect((await refresh(member.refreshToken)).status).to.equal(200);
    });
  }

  it('401: after seven days without use, and after thirty in any case; no refresh token outlives its session', async () => {
    await database.system('refresh_tokens').where({ user_id: member.userId }).update({ expires_at: new Date() });
    expect(codeOf(await refresh(member.refreshToken))).to.deep.equal([401, 'session_ended']);
    const second = await signInMember(database, own);
    const soon = new Date(Date.now() + 60_000);
    await database.system('sessions').where({ id: second.sessionId }).update({ expires_at: soon });
    const { json } = await refresh(second.refreshToken);
    expect(json.refresh_token_expires_at).to.equal(soon.toISOString());
    await database.system('sessions').where({ id: second.sessionId }).update({ expires_at: new Date() });
    expect(codeOf(await refresh(json.refresh_token))).to.deep.equal([401, 'session_ended']);
    const [session] = await database.system('sessions').where({ id: member.sessionId });
    expect(session.expires_at - session.created_at).to.equal(30 * DAY_MS);
  });

  it('200 without an organization, when the person was removed from it', async () => {
    await withTenant(database.app, own.orgId, (trx) => trx('memberships').where({ user_id: member.userId }).delete());
    const { status, json } = await refresh(member.refreshToken);
    expect([status, json.organization_id]).to.deep.equal([200, null]);
    expect((await me(json.access_token)).json.organizations).to.deep.equal([]);
  });

  it('what has ended is forgotten in time, and what goes on is kept', async () => {
    const going = await signInMember(database, own);
    const { json } = await refresh(member.refreshToken);
    const long = new Date(Date.now() - 91 * DAY_MS);
    await database.system('refresh_tokens').where({ user_id: member.userId }).update({ expires_at: long });
    await database.system('sessions').where({ id: member.sessionId }).update({ revoked_at: long });
    await database.system.transaction((trx) => forgetEnded(trx, { now: new Date(), limit: 1_000 }));
    expect(await database.system('sessions').where({ id: member.sessionId })).to.deep.equal([]);
    expect(codeOf(await refresh(json.refresh_token))).to.deep.equal([401, 'invalid_refresh_token']);
    expect((await refresh(going.refreshToken)).status).to.equal(200);
  });
});
