import { expect } from 'chai';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { actAs } from '../../support/actAs.ts';
import { codeOf } from '../../support/authenticatorApp.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { addTotp } from '../../support/factors.ts';
import type { TestFactors } from '../../support/factors.ts';
import { createPerson, givePassword, joinOrganization } from '../../support/people.ts';
import type { TestPerson } from '../../support/people.ts';
import { VirtualAuthenticator } from '../../support/virtualAuthenticator.ts';
import { registerCredential, registrationOptions } from '../../../services/mfa/webauthn/register.ts';

const SITE = { id: 'app.example', name: 'Artisan Platform', origins: ['https://app.example'] };
const PASSWORD = 'seven quiet herons';

describe('a sign-in with a second factor', () => {
  const database = useDatabase();
  const app = useApp(database, { config: { WEBAUTHN_RP_ID: SITE.id, WEBAUTHN_ORIGINS: SITE.origins[0]! } });

  type Somebody = TestPerson & TestFactors & { key: VirtualAuthenticator };
  async function somebody(): Promise<Somebody> {
    const person = await createPerson(database);
    await givePassword(database, person, PASSWORD);
    const key = new VirtualAuthenticator(SITE.origins[0]!);
    const boundTo = 'session:before';
    const options = await actAs(database, person, (context) => registrationOptions(context, SITE, { email: person.email, boundTo }));
    const response = key.create(options);
    await actAs(database, person, (context) => registerCredential(context, SITE, { name: 'Key', response, boundTo }));
    return { ...person, ...(await addTotp(database, person)), key };
  }
  const post = (path: string, body: object): Promise<TestAnswer> => app.request('POST', `/api/v1/auth/${path}`, { body });
  const logIn = ({ email }: TestPerson): Promise<TestAnswer> => post('login', { email, password: PASSWORD });
  const optionsFor = async (mfa_token: string) => (await post('mfa/webauthn/authenticate/options', { mfa_token })).json;
  const answer = (mfa_token: string, credential: object) => post('mfa/webauthn/authenticate', { mfa_token, credential });
  const codeAnswer = ({ status, json }: TestAnswer): unknown[] => [status, json?.code];

  it('a password alone begins no session: it gets a token, and the names of what is asked for', async () => {
    const person = await somebody();
    const { status, json } = await logIn(person);
    expect([status, json.status, json.methods]).to.deep.equal([200, 'mfa_required', ['totp', 'webauthn', 'recovery_code']]);
    expect(await database.system('sessions').where({ user_id: person.userId })).to.deep.equal([]);
    expect((await app.request('GET', '/api/v1/auth/me', { key: json.mfa_token })).status).to.equal(401);
  });

  it('a passkey ends it: the session enters the organization, and says how it was proven', async () => {
    const person = await somebody();
    const organization = await createOrganization(database);
    await database
      .system('organizations')
      .where({ id: organization.orgId })
      .update({ settings: '{"mfa":{"policy":"required","phishing_resistant_only":true}}' });
    await joinOrganization(database, organization, person, ['admin']);
    const { mfa_token } = (await logIn(person)).json;
    const { status, json } = await answer(mfa_token, person.key.get(await optionsFor(mfa_token)));
    expect([status, json.status, json.user.email]).to.deep.equal([200, 'signed_in', person.email]);
    expect((await app.request('GET', '/api/v1/admin/webhooks', { key: json.access_token })).status).to.equal(200);
    const refreshed = await post('refresh', { refresh_token: json.refresh_token });
    expect((await app.request('GET', '/api/v1/admin/webhooks', { key: refreshed.json.access_token })).status).to.equal(200);
    const [session] = await database.system('sessions').where({ user_id: person.userId });
    expect(session.amr).to.deep.equal(['pwd', 'hwk', 'mfa']);
  });

  it('403: a challenge is of the sign-in that asked for it', async () => {
    const person = await somebody();
    const [ours, theirs] = [(await logIn(person)).json.mfa_token, (await logIn(person)).json.mfa_token];
    const credential = person.key.get(await optionsFor(ours));
    expect(codeAnswer(await answer(theirs, credential))).to.deep.equal([403, 'second_factor_refused']);
  });

  it('403, then 429: failures of keys and codes are one count', async () => {
    const person = await somebody();
    const { mfa_token } = (await logIn(person)).json;
    const evil = { origin: 'https://app.example.evil.example' };
    for (let failure = 0; failure < 3; failure += 1) {
      const credential = person.key.get(await optionsFor(mfa_token), evil);
      expect(codeAnswer(await answer(mfa_token, credential))).to.deep.equal([403, 'second_factor_refused']);
    }
    for (let failure = 0; failure < 2; failure += 1) await post('mfa/verify', { mfa_token, code: 'wrong' });
    const genuine = person.key.get(await optionsFor(mfa_token));
    expect(codeAnswer(await answer(mfa_token, genuine))).to.deep.equal([429, 'too_many_attempts']);
    expect(codeAnswer(await post('mfa/verify', { mfa_token, code: codeOf(person.secret) }))).to.deep.equal([429, 'too_many_attempts']);
  });

  it('401: a password that was changed meanwhile ends the sign-in, and uses up no code', async () => {
    const person = await somebody();
    const { mfa_token } = (await logIn(person)).json;
    await givePassword(database, person, 'eleven loud magpies');
    const code = codeOf(person.secret);
    expect(codeAnswer(await post('mfa/verify', { mfa_token, code }))).to.deep.equal([401, 'invalid_mfa_token']);
    const { json } = await post('login', { email: person.email, password: 'eleven loud magpies' });
    expect((await post('mfa/verify', { mfa_token: json.mfa_token, code })).status).to.equal(200);
  });

  const CREDENTIAL = {
    id: 'QQ',
    rawId: 'QQ',
    type: 'public-key',
    response: { clientDataJSON: 'QQ', authenticatorData: 'QQ', signature: 'QQ' },
  };
  for (const [what, credential] of [
    ['no credential', undefined],
    ['no answer in it', { ...CREDENTIAL, response: {} }],
    ['an id that is no base64url', { ...CREDENTIAL, id: 'a+b' }],
    ['another type', { ...CREDENTIAL, type: 'password' }],
    ['bytes without end', { ...CREDENTIAL, response: { ...CREDENTIAL.response, signature: 'A'.repeat(40_000) } }],
  ] as const) {
    it(`400: ${what}`, async () => expect((await answer('mt_', credential as object)).status).to.equal(400));
  }

  it('429: nobody asks for challenges without end', async () => {
    const { mfa_token } = (await logIn(await somebody())).json;
    const answers = await Promise.all(Array.from({ length: 70 }, () => post('mfa/webauthn/authenticate/options', { mfa_token })));
    expect(answers.filter(({ status }) => status === 200)).to.have.lengthOf(60);
    expect(answers.filter(({ status }) => status === 429)).to.have.lengthOf(10);
  });
});
