import { expect } from 'chai';
import type { Method } from '../../../server/http/route.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { codeOf } from '../../support/authenticatorApp.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { addTotp, secondFactor, wrongCode } from '../../support/factors.ts';
import { createPerson, joinOrganization, signIn } from '../../support/people.ts';
import type { TestPerson } from '../../support/people.ts';
import { VirtualAuthenticator } from '../../support/virtualAuthenticator.ts';

const ORIGIN = 'https://app.example';
const OLD = { authTime: new Date(Date.now() - 11 * 60_000) };

describe('mfa: the own factors', () => {
  const database = useDatabase();
  const app = useApp(database, { config: { WEBAUTHN_RP_ID: 'app.example', WEBAUTHN_ORIGINS: ORIGIN } });

  const call = (key: string, method: Method, path: string, body?: object): Promise<TestAnswer> =>
    app.request(method, `/api/v1/auth/mfa${path}`, { key, ...(body && { body }) });
  const codeAnswer = ({ status, json }: TestAnswer): unknown[] => [status, json?.code];
  const register = async (key: string, authenticator = new VirtualAuthenticator(ORIGIN)): Promise<TestAnswer> => {
    const { json: options } = await call(key, 'POST', '/webauthn/register/options');
    return call(key, 'POST', '/webauthn/register', { name: 'My key', credential: authenticator.create(options) });
  };
  const asking = async (mfa: object): Promise<TestOrganization> => {
    const organization = await createOrganization(database);
    await database
      .system('organizations')
      .where({ id: organization.orgId })
      .update({ settings: JSON.stringify({ mfa }) });
    return organization;
  };
  const tables = (person: TestPerson) =>
    Promise.all(
      ['totp_factors', 'webauthn_credentials', 'recovery_codes'].map((table) => database.system(table).where({ user_id: person.userId })),
    );

  it('an app is set up: the secret is shown once, the first code brings recovery codes, and the session has used a factor', async () => {
    const organization = await createOrganization(database);
    const person = await createPerson(database);
    await joinOrganization(database, organization, person);
    const { accessToken } = await signIn(database, person, organization);
    const started = await call(accessToken, 'POST', '/totp');
    expect([started.status, started.headers.get('cache-control')]).to.deep.equal([201, 'no-store']);
    expect(started.json.otpauth_uri).to.contain(`secret=${started.json.secret}`);
    expect(codeAnswer(await call(accessToken, 'POST', '/totp/confirm', { code: wrongCode(started.json.secret) }))).to.deep.equal([
      403,
      'second_factor_refused',
    ]);

    const { status, json } = await call(accessToken, 'POST', '/totp/confirm', { code: codeOf(started.json.secret) });
    expect([status, json.recovery_codes.length, json.session.amr]).to.deep.equal([200, 10, ['pwd', 'otp', 'mfa']]);
    const { text } = await call(json.access_token, 'GET', '');
    expect(JSON.parse(text)).to.deep.include({ webauthn: [], recovery_codes_left: 10 });
    for (const secret of [started.json.secret, ...json.recovery_codes]) expect(text).not.to.contain(secret);
    expect(await database.system('audit_view').where({ org_id: organization.orgId }).pluck('action')).to.include('mfa.confirm_totp');
    expect(await database.system('mails').where({ for_user_id: person.userId })).to.have.lengthOf(1);
  });

  it('a key is registered, proves its person, and is removed; a further factor brings no further codes', async () => {
    const { accessToken } = await signIn(database, await createPerson(database));
    const authenticator = new VirtualAuthenticator(ORIGIN);
    const { status, json } = await register(accessToken, authenticator);
    expect([status, json.recovery_codes.length, json.credential.name, json.session.amr]).to.deep.equal([
      201,
      10,
      'My key',
      ['pwd', 'hwk', 'mfa'],
    ]);
    expect((await register(accessToken)).json.recovery_codes).to.equal(null);

    const { json: options } = await call(accessToken, 'POST', '/webauthn/authenticate/options', {});
    const proven = await call(accessToken, 'POST', '/webauthn/authenticate', { credential: authenticator.get(options) });
    expect([proven.status, proven.json.status]).to.deep.equal([200, 'stepped_up']);
    const again = await call(accessToken, 'POST', '/webauthn/authenticate', { credential: authenticator.get(options) });
    expect(codeAnswer(again)).to.deep.equal([403, 'second_factor_refused']);

    const path = `/webauthn/${json.credential.id}`;
    expect((await call(accessToken, 'GET', path)).json).to.include({ id: json.credential.id, synced: false });
    expect((await call(accessToken, 'DELETE', path)).status).to.equal(204);
    for (const method of ['GET', 'DELETE'] as const)
      expect(codeAnswer(await call(accessToken, method, path))).to.deep.equal([404, 'not_found']);
  });

  it('404: a key of another person is as one that never existed', async () => {
    const { json } = await register((await signIn(database, await createPerson(database))).accessToken);
    const { accessToken } = await signIn(database, await createPerson(database));
    for (const method of ['GET', 'DELETE'] as const) {
      const foreign = await call(accessToken, method, `/webauthn/${json.credential.id}`);
      const never = await call(accessToken, method, '/webauthn/wac_01k0501z00e00800000000003h');
      expect({ ...foreign.json, request_id: 0 }).to.deep.equal({ ...never.json, request_id: 0 });
      expect(foreign.status).to.equal(404);
    }
  });

  const CHANGES: [Method, string, object?][] = [
    ['POST', '/totp'],
    ['POST', '/totp/confirm', { code: '000000' }],
    ['DELETE', '/totp'],
    ['POST', '/webauthn/register/options'],
    ['DELETE', '/webauthn/wac_01k0501z00e00800000000003h'],
    ['POST', '/recovery-codes'],
  ];
  for (const [method, path, body] of CHANGES) {
    it(`403: ${method} ${path} needs a proof of the last ten minutes, of a second factor where there is one`, async () => {
      const person = await createPerson(database);
      if (path !== '/recovery-codes') {
        const { accessToken: stale } = await signIn(database, person, null, OLD);
        expect(codeAnswer(await call(stale, method, path, body))).to.deep.equal([403, 'step_up_required']);
      }
      await addTotp(database, person);
      for (const proof of [{}, OLD, secondFactor(11)]) {
        const { accessToken } = await signIn(database, person, null, proof);
        const answer = await call(accessToken, method, path, body);
        expect(codeAnswer(answer)).to.deep.equal([403, 'step_up_required']);
        expect(answer.json).to.include({ step_up: '/api/v1/auth/mfa/verify', max_age_seconds: 600 });
      }
      const { accessToken: fresh } = await signIn(database, person, null, secondFactor(9));
      expect((await call(fresh, method, path, body)).json?.code).not.to.equal('step_up_required');
    });

    it(`401 and 403: ${method} ${path} is for people`, async () => {
      expect((await app.request(method, `/api/v1/auth/mfa${path}`, { ...(body && { body }) })).status).to.equal(401);
      expect(codeAnswer(await call((await createOrganization(database)).key, method, path, body))).to.deep.equal([
        403,
        'permission_denied',
      ]);
    });
  }

  it('409: the last factor that an organization asks for stays; with the last of all, the codes go', async () => {
    const person = await createPerson(database);
    const organization = await asking({ policy: 'roles', roles: ['admin'] });
    await joinOrganization(database, organization, person, ['admin']);
    await addTotp(database, person);
    const { accessToken } = await signIn(database, person, null, secondFactor());
    const refused = await call(accessToken, 'DELETE', '/totp');
    expect(codeAnswer(refused)).to.deep.equal([409, 'factor_required']);
    const { json } = await call(accessToken, 'GET', '');
    expect(refused.json.organization_ids).to.deep.equal(json.required_by.map((each: { organization_id: string }) => each.organization_id));
    expect((await tables(person)).map(({ length }) => length)).to.deep.equal([1, 0, 10]);

    await database.system('organizations').where({ id: organization.orgId }).update({ settings: '{}' });
    expect((await call(accessToken, 'DELETE', '/totp')).status).to.equal(204);
    expect((await tables(person)).map(({ length }) => length)).to.deep.equal([0, 0, 0]);
  });

  it('409: where passkeys alone will do, an app does not make up for the last of them; two removed at the same moment leave one', async () => {
    const person = await createPerson(database);
    await joinOrganization(database, await asking({ policy: 'required', phishing_resistant_only: true }), person);
    await addTotp(database, person);
    const { accessToken } = await signIn(database, person, null, secondFactor());
    const paths: string[] = [];
    for (let count = 0; count < 2; count += 1) paths.push(`/webauthn/${(await register(accessToken)).json.credential.id}`);
    const answers = await Promise.all(paths.map((path) => call(accessToken, 'DELETE', path)));
    expect(answers.map(({ status }) => status)).to.have.members([204, 409]);
  });

  it('GET tells which organizations ask for a factor, until when they wait, and whether this session used one that will do', async () => {
    const person = await createPerson(database);
    const grace_until = new Date(Date.now() + 86_400_000).toISOString();
    await joinOrganization(database, await asking({ policy: 'roles', roles: ['owner'] }), person, ['admin']);
    await joinOrganization(database, await asking({ policy: 'required', grace_until }), person);
    await joinOrganization(database, await asking({ policy: 'required', phishing_resistant_only: true }), person);
    const askedBy = async (proof: object) =>
      (await call((await signIn(database, person, null, proof)).accessToken, 'GET', '')).json.required_by;
    const said = (each: { grace_until: string | null; satisfied: boolean }) => [each.grace_until, each.satisfied];
    expect((await askedBy({})).map(said)).to.have.deep.members([
      [grace_until, false],
      [null, false],
    ]);
    expect((await askedBy(secondFactor())).map(said)).to.have.deep.members([
      [grace_until, true],
      [null, false],
    ]);
  });

  it('new recovery codes end the old ones; without a factor there are none', async () => {
    const person = await createPerson(database);
    const { accessToken } = await signIn(database, person, null, secondFactor());
    expect(codeAnswer(await call(accessToken, 'POST', '/recovery-codes'))).to.deep.equal([409, 'conflict']);
    const { recoveryCodes } = await addTotp(database, person);
    const { status, json } = await call(accessToken, 'POST', '/recovery-codes');
    expect([status, json.recovery_codes.length]).to.deep.equal([201, 10]);
    expect((await call(accessToken, 'POST', '/verify', { code: recoveryCodes[0]! })).status).to.equal(403);
    expect((await call(accessToken, 'POST', '/verify', { code: json.recovery_codes[0] })).status).to.equal(200);
  });
});
