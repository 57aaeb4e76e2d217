import { expect } from 'chai';
import { sealPendingLogin } from '../../../services/auth/pendingLogin.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { codeOf } from '../../support/authenticatorApp.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { addTotp, wrongCode } from '../../support/factors.ts';
import type { TestFactors } from '../../support/factors.ts';
import { mailsTo } from '../../support/mails.ts';
import { createPerson, joinOrganization, signIn } from '../../support/people.ts';
import type { TestPerson } from '../../support/people.ts';

describe('mfa.verify', () => {
  const database = useDatabase();
  const app = useApp(database);

  const withFactors = async (): Promise<TestPerson & TestFactors> => {
    const person = await createPerson(database);
    return { ...person, ...(await addTotp(database, person)) };
  };
  /** The token of a sign-in that gave the password, so many seconds ago. */
  const waiting = ({ userId }: TestPerson, secondsAgo = 0): string => {
    const authTime = new Date(Date.now() - secondsAgo * 1_000);
    return sealPendingLogin(app.deps.vault, { userId, amr: ['pwd'], authTime, passwordChangedAt: null, orgId: null });
  };
  const verify = (body: object, key?: string): Promise<TestAnswer> =>
    app.request('POST', '/api/v1/auth/mfa/verify', { body, ...(key !== undefined && { key }) });
  const codeAnswer = ({ status, json }: TestAnswer): unknown[] => [status, json.code];

  it('200: the code of the app ends a sign-in that waits, with a session that used it', async () => {
    const person = await withFactors();
    const { status, json, headers } = await verify({ mfa_token: waiting(person), code: codeOf(person.secret) });
    expect([status, json.status, headers.get('cache-control')]).to.deep.equal([200, 'signed_in', 'no-store']);
    const { json: factors } = await app.request('GET', '/api/v1/auth/mfa', { key: json.access_token });
    expect(factors.session.amr).to.deep.equal(['pwd', 'otp', 'mfa']);
    expect(Date.parse(factors.session.mfa_at)).to.be.within(Date.now() - 10_000, Date.now());
  });

  it('200: a recovery code ends it too, once, and the person is told by mail', async () => {
    const person = await withFactors();
    const code = person.recoveryCodes[0]!;
    const { json } = await verify({ mfa_token: waiting(person), code: code.toUpperCase() });
    expect(json.status).to.equal('signed_in');
    expect(codeAnswer(await verify({ mfa_token: waiting(person), code }))).to.deep.equal([403, 'second_factor_refused']);
    const { json: factors } = await app.request('GET', '/api/v1/auth/mfa', { key: json.access_token });
    expect([factors.recovery_codes_left, factors.session.amr.includes('recovery_code')]).to.deep.equal([9, true]);
    expect(await database.system('mails').where({ for_user_id: person.userId }).pluck('template')).to.deep.equal(['second_factor_changed']);
  });

  it('403: a code works once, also for four sign-ins at the same moment', async () => {
    const person = await withFactors();
    const body = { mfa_token: waiting(person), code: codeOf(person.secret) };
    const answers = await Promise.all(Array.from({ length: 4 }, () => verify(body)));
    expect(answers.filter(({ status }) => status === 200)).to.have.lengthOf(1);
    expect(codeAnswer(await verify(body))).to.deep.equal([403, 'second_factor_refused']);
    expect(await database.system('sessions').where({ user_id: person.userId })).to.have.lengthOf(1);
  });

  it('429: five failures lock every factor, whichever they were of; nothing is looked at meanwhile', async () => {
    const person = await withFactors();
    const mfa_token = waiting(person);
    const wrong = [wrongCode(person.secret), 'wrong-recovery-code'];
    for (let failure = 0; failure < 5; failure += 1) {
      expect(codeAnswer(await verify({ mfa_token, code: wrong[failure % 2]! })), `failure ${failure}`).to.deep.equal([
        403,
        'second_factor_refused',
      ]);
    }
    for (const code of [codeOf(person.secret), person.recoveryCodes[1]!]) {
      const answer = await verify({ mfa_token, code });
      expect(codeAnswer(answer)).to.deep.equal([429, 'too_many_attempts']);
      expect(Number(answer.headers.get('retry-after'))).to.be.within(25, 30);
    }
    const [notice, ...others] = await mailsTo(database, person.email);
    expect([notice?.template, others.length], 'its owner is told, once').to.deep.equal(['sign_in_locked', 0]);
    const { accessToken } = await signIn(database, person);
    expect(codeAnswer(await verify({ code: person.recoveryCodes[1]! }, accessToken))).to.deep.equal([429, 'too_many_attempts']);
    expect(await database.system('recovery_codes').where({ user_id: person.userId }).whereNotNull('used_at')).to.deep.equal([]);
  });

  it('429: thirty guesses at the same moment are five', async () => {
    const person = await withFactors();
    const mfa_token = waiting(person);
    const code = wrongCode(person.secret);
    const answers = await Promise.all(Array.from({ length: 30 }, () => verify({ mfa_token, code })));
    expect(answers.filter(({ status }) => status === 403)).to.have.lengthOf(5);
    expect(answers.filter(({ status }) => status === 429)).to.have.lengthOf(25);
  });

  it('a success ends the count', async () => {
    const person = await withFactors();
    for (let round = 0; round < 3; round += 1) {
      for (let failure = 0; failure < 4; failure += 1) await verify({ mfa_token: waiting(person), code: 'no code' });
      expect((await verify({ mfa_token: waiting(person), code: person.recoveryCodes[round]! })).status, `round ${round}`).to.equal(200);
    }
  });

  it('401: refuses a token that is forged, too old, or of something else', async () => {
    const person = await withFactors();
    const genuine = waiting(person);
    const other = app.deps.vault.seal(
      JSON.stringify({ user: person.userId, amr: ['pwd'], at: Date.now(), password: null, org: null }),
      'other',
    );
    for (const mfa_token of ['', 'mt_', `${genuine}A`, genuine.slice(0, -2), waiting(person, 301), `mt_${other.toString('base64url')}`]) {
      expect(codeAnswer(await verify({ mfa_token, code: codeOf(person.secret) })), mfa_token.slice(0, 10)).to.deep.equal([
        401,
        'invalid_mfa_token',
      ]);
    }
  });

  it('200: with an access token it steps the session up: what the policy refused answers from then on, with the older token too', async () => {
    const organization = await createOrganization(database);
    await database.system('organizations').where({ id: organization.orgId }).update({ settings: '{"mfa":{"policy":"required"}}' });
    const person = await withFactors();
    await joinOrganization(database, organization, person, ['admin']);
    const { accessToken } = await signIn(database, person, organization);
    const read = (key: string) => app.request('GET', '/api/v1/admin/webhooks', { key });
    expect(codeAnswer(await read(accessToken))).to.deep.equal([403, 'mfa_required']);

    const { status, json } = await verify({ code: codeOf(person.secret) }, accessToken);
    expect([status, json.status, json.token_type, 'refresh_token' in json]).to.deep.equal([200, 'stepped_up', 'Bearer', false]);
    expect(json.session.amr).to.deep.equal(['pwd', 'otp', 'mfa']);
    const claims = JSON.parse(Buffer.from(json.access_token.split('.')[1], 'base64url').toString('utf8')) as {
      amr: string[];
      org?: string;
    };
    expect(claims.amr).to.include('mfa');
    expect(claims).to.have.property('org');
    expect((await read(json.access_token)).status).to.equal(200);
    expect((await read(accessToken)).status).to.equal(200);
  });

  it('puts proofs and failures on record in the organizations of the person', async () => {
    const organization = await createOrganization(database);
    const person = await withFactors();
    await joinOrganization(database, organization, person);
    const { accessToken } = await signIn(database, person, organization);
    await verify({ code: 'wrong' }, accessToken);
    await verify({ code: codeOf(person.secret) }, accessToken);
    const entries = await database
      .system('audit_view')
      .where({ org_id: organization.orgId, action: 'mfa.verify' })
      .orderBy('entry_id')
      .select('outcome', 'severity');
    expect(entries).to.deep.equal([
      { outcome: 'failure', severity: 'warning' },
      { outcome: 'success', severity: 'info' },
    ]);
  });

  it('401 and 403: without anything, and with an API key', async () => {
    const { key } = await createOrganization(database);
    expect(codeAnswer(await verify({ code: '000000' }))).to.deep.equal([401, 'missing_credentials']);
    expect(codeAnswer(await verify({ code: '000000' }, key))).to.deep.equal([403, 'permission_denied']);
    expect(codeAnswer(await verify({ code: '000000' }, 'a.b.c'))).to.deep.equal([401, 'invalid_access_token']);
  });

  for (const body of [
    {},
    { code: '' },
    { code: 5 },
    { code: '1'.repeat(65) },
    { code: '000000', more: 1 },
    { code: '000000', mfa_token: 7 },
  ]) {
    it(`400: ${JSON.stringify(body).slice(0, 40)}`, async () => expect((await verify(body)).status).to.equal(400));
  }
});
