import { createHmac, generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { SignJWT, UnsecuredJWT } from 'jose';
import type { JWTHeaderParameters, JWTPayload } from 'jose';
import { newId, typeId } from '../../../server/ids.ts';
import { publishSigningKey } from '../../../services/auth/signingKeys/rotate.ts';
import { newSigningKey } from '../../../services/auth/signingKeys/signingKey.ts';
import type { SigningKey } from '../../../services/auth/signingKeys/signingKey.ts';
import { createVault } from '../../../services/crypto/vault.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { signInMember } from '../../support/people.ts';
import type { TestSession } from '../../support/people.ts';
import { probeRoutes } from '../../support/probeRoutes.ts';

const ECHOES = '/api/v1/admin/echoes';
const now = (): number => Math.floor(Date.now() / 1_000);

describe('auth: forged access tokens', () => {
  const database = useDatabase();
  const statements: string[] = [];
  const app = useApp(database, { routes: probeRoutes });
  let own: TestOrganization;
  let member: TestSession;
  let key: SigningKey;
  before(async () => {
    own = await createOrganization(database);
    member = await signInMember(database, own, ['owner']);
    key = await app.deps.auth.keyRing.signer();
    app.deps.knex.on('query', ({ sql }: { sql: string }) => void statements.push(sql));
  });

  const ask = (token: string): Promise<TestAnswer> => app.request('GET', ECHOES, { key: token });
  const claims = (changes: JWTPayload = {}): JWTPayload => ({
    iss: 'urn:artisan:platform',
    aud: 'artisan-api',
    sub: typeId('usr', member.userId),
    sid: typeId('ses', member.sessionId),
    org: typeId('org', own.orgId),
    amr: ['pwd'],
    auth_time: now(),
    iat: now(),
    nbf: now(),
    exp: now() + 600,
    ...changes,
  });
  const sign = (payload: JWTPayload, header: Partial<JWTHeaderParameters> = {}, by: Parameters<SignJWT['sign']>[0] = key.privateKey) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: key.kid, ...header }).sign(by);
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('200: what these tests sign is a good token, but for what each of them changes', async () => {
    expect((await ask(await sign(claims()))).status).to.equal(200);
  });

  const others = {
    ed: generateKeyPairSync('ed25519'),
    ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    rsa: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  };
  const hmac = (secret: Buffer | string): string => {
    const head = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: key.kid })}.${encode(claims())}`;
    return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
  };
  const jwkOf = (pair: { publicKey: { export(options: { format: 'jwk' }): object } }): object => pair.publicKey.export({ format: 'jwk' });
  const attacks: Record<string, () => string | Promise<string>> = {
    'no signature, alg none': () => new UnsecuredJWT(claims()).encode(),
    'alg nOnE in front of a good signature': async () =>
      `${encode({ alg: 'nOnE', kid: key.kid })}.${(await sign(claims())).split('.').slice(1).join('.')}`,
    'HS256 with the raw public key as the secret': () => hmac(Buffer.from(key.jwk.x, 'base64url')),
    'HS256 with the public key in PEM as the secret': () => hmac(key.publicKey.export({ type: 'spki', format: 'pem' })),
    'HS256 with an empty secret': () => hmac(''),
    'a key of its own under our key id': () => sign(claims(), {}, others.ed.privateKey),
    'a key of its own in the header': () =>
      sign(claims(), { jwk: jwkOf(others.ed), kid: 'mine' } as JWTHeaderParameters, others.ed.privateKey),
    'a key of its own behind an address': () => sign(claims(), { jku: 'http://127.0.0.1:9/jwks.json', kid: 'mine' }, others.ed.privateKey),
    'ES256 under our key id': () => sign(claims(), { alg: 'ES256' }, others.ec.privateKey),
    'RS256 under our key id': () => sign(claims(), { alg: 'RS256' }, others.rsa.privateKey),
    'an unknown key id': () => sign(claims(), { kid: 'unknown' }),
    'a key id that is SQL and a path': () => sign(claims(), { kid: "../../dev/null' OR 1=1--" }),
    'a critical header that nobody knows': async () =>
      `${encode({ alg: 'EdDSA', kid: key.kid, typ: 'at+jwt', crit: ['exp2'], exp2: 1 })}.${(await sign(claims())).split('.').slice(1).join('.')}`,
    'another kind of JWT': () => sign(claims(), { typ: 'JWT' }),
    'another audience': () => sign(claims({ aud: 'other-api' })),
    'another issuer': () => sign(claims({ iss: 'https://evil.example' })),
    'a time that is to come': () => sign(claims({ nbf: now() + 60 })),
    'no end': () => sign(Object.fromEntries(Object.entries(claims()).filter(([name]) => name !== 'exp'))),
    'no session': () => sign(Object.fromEntries(Object.entries(claims()).filter(([name]) => name !== 'sid'))),
    'an id that is none': () => sign(claims({ sid: 'ses_1' })),
    'an id that is no text': () => sign(claims({ org: { $ne: null } })),
    'a changed payload': async () => (await sign(claims())).replace(/\.[^.]+\./, `.${encode(claims({ sub: typeId('usr', newId()) }))}.`),
    'a cut signature': async () => (await sign(claims())).slice(0, -3),
    'a fourth part': async () => `${await sign(claims())}.e30`,
    dots: () => '..',
    'a very long header': () => `${encode({ alg: 'EdDSA', kid: 'k'.repeat(6_000) })}.e30.AA`,
  };
  for (const [attack, forge] of Object.entries(attacks)) {
    it(`401: ${attack}`, async () => {
      const token = await forge();
      statements.length = 0;
      const answer = await ask(token);
      expect([answer.status, answer.json.code]).to.deep.equal([401, 'invalid_access_token']);
      expect(answer.headers.get('www-authenticate')).to.contain('error="invalid_token"');
      expect(statements.filter((sql) => sql.includes('find_session'))).to.deep.equal([]);
    });
  }

  it('401: expired, and says so, because the next one is a refresh away', async () => {
    const answer = await ask(await sign(claims({ iat: now() - 700, nbf: now() - 700, exp: now() - 60 })));
    expect([answer.status, answer.json.code]).to.deep.equal([401, 'access_token_expired']);
  });

  it('401: a token that was good a moment ago ends at its time, although it is known', async () => {
    const token = await sign(claims({ exp: now() - 6 }));
    expect((await ask(token)).status).to.equal(200);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect((await ask(token)).json.code).to.equal('access_token_expired');
  });

  it('401: the session of another person, or one that never was, under a good signature', async () => {
    const other = await signInMember(database, own);
    for (const changes of [
      { sid: typeId('ses', other.sessionId) },
      { sub: typeId('usr', other.userId) },
      { sid: typeId('ses', newId()) },
    ]) {
      expect((await ask(await sign(claims(changes)))).json.code).to.equal('session_ended');
    }
    expect((await ask(await sign(claims()))).status).to.equal(200);
  });

  it('403: an organization that the person is not in', async () => {
    const stranger = await createOrganization(database);
    expect((await ask(await sign(claims({ org: typeId('org', stranger.orgId) })))).json.code).to.equal('organization_not_entered');
  });

  it('a key that somebody writes into the table, but did not seal with the master key, is trusted by nobody', async () => {
    const row = await newSigningKey(createVault(`k1:${Buffer.alloc(32, 8).toString('base64')}`), new Date());
    await database.system('signing_keys').insert({ ...row, public_jwk: JSON.stringify(row.public_jwk) });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const forged = await ask(await sign(claims(), { kid: row.kid }, others.ed.privateKey));
    expect(forged.status).to.equal(401);
    expect((await ask(await sign(claims({ jti: 'another' })))).status).to.equal(200);
    await database.system('signing_keys').where({ kid: row.kid }).delete();
  });

  it('401: every token of a key that leaked, as soon as it is replaced', async () => {
    const rotation = { leadSeconds: 0, overlapSeconds: 0, since: new Date() };
    await database.system.transaction((trx) => publishSigningKey(trx, app.deps, rotation));
    const deadline = Date.now() + 1_000;
    let answer = await ask(member.accessToken);
    while (answer.status === 200 && Date.now() < deadline) answer = await ask(member.accessToken);
    expect(answer.json.code).to.equal('invalid_access_token');
    expect((await ask((await signInMember(database, own, ['owner'])).accessToken)).status).to.equal(200);
  });
});
