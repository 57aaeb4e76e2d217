import { expect } from 'chai';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { typeId } from '../../../server/ids.ts';
import { useApp } from '../../support/app.ts';
import type { TestAnswer } from '../../support/app.ts';
import { useDatabase } from '../../support/database.ts';
import { createOrganization } from '../../support/factories.ts';
import { mailsTo } from '../../support/mails.ts';
import type { TestOrganization } from '../../support/factories.ts';
import { createPerson, givePassword, joinOrganization, withoutFloor } from '../../support/people.ts';
import type { TestPerson } from '../../support/people.ts';

const PASSWORD = 'seven quiet herons';

describe('auth.login', () => {
  const database = useDatabase();
  // Who asks says from where, so that tests do not share the count of an address.
  const app = useApp(database, { config: { TRUST_PROXY: 'true' }, change: withoutFloor });
  const floored = useApp(database, { config: { TRUST_PROXY: 'true' } });
  let own: TestOrganization;
  before(async () => {
    own = await createOrganization(database);
  });

  const member = async (): Promise<TestPerson> => {
    const person = await createPerson(database);
    await givePassword(database, person, PASSWORD);
    await joinOrganization(database, own, person, ['member']);
    return person;
  };
  let callers = 0;
  const logIn = (body: object, ip = `198.51.100.${++callers}`, by = app): Promise<TestAnswer> =>
    by.request('POST', '/api/v1/auth/login', { body, headers: { 'x-forwarded-for': ip } });
  const codeOf = ({ status, json }: TestAnswer): unknown[] => [status, json.code];

  it('200: enters the only organization; the access token is an EdDSA JWT that says no more than it must', async () => {
    const { email, userId } = await member();
    const { status, json } = await logIn({ email, password: PASSWORD });
    expect([status, json.token_type, json.expires_in, json.organization_id]).to.deep.equal([200, 'Bearer', 600, typeId('org', own.orgId)]);
    expect(decodeProtectedHeader(json.access_token)).to.have.keys('alg', 'kid', 'typ').and.include({ alg: 'EdDSA', typ: 'at+jwt' });
    const claims = decodeJwt(json.access_token);
    expect(claims).to.have.keys('iss', 'aud', 'sub', 'sid', 'org', 'amr', 'auth_time', 'iat', 'nbf', 'exp');
    expect(claims).to.include({ aud: 'artisan-api', sub: typeId('usr', userId), sid: json.session_id, org: typeId('org', own.orgId) });
    expect(claims.exp! - claims.iat!).to.equal(600);
    expect(claims['amr']).to.deep.equal(['pwd']);
    const [entry] = await database.system('audit_view').where({ action: 'auth.login', actor_id: typeId('usr', userId) });
    expect(entry).to.include({ org_id: own.orgId, outcome: 'success', category: 'authentication' });
  });

  it('200: enters the organization that is named; 404 for one that the person is not in, as for one that never was', async () => {
    const person = await member();
    const second = await createOrganization(database);
    await joinOrganization(database, second, person, ['member']);
    const credentials = { email: person.email, password: PASSWORD };
    expect((await logIn(credentials)).json.organization_id).to.equal(null);
    const organization_id = typeId('org', second.orgId);
    expect((await logIn({ ...credentials, organization_id })).json.organization_id).to.equal(organization_id);
    const stranger = await createOrganization(database);
    expect(codeOf(await logIn({ ...credentials, organization_id: typeId('org', stranger.orgId) }))).to.deep.equal([404, 'not_found']);
  });

  it('401: one answer for a wrong password, an unknown address, no password, no proof of the address, a deleted person', async () => {
    const [known, unverified, bare, deleted] = [
      await member(),
      await createPerson(database, { verified: false }),
      await createPerson(database),
      await member(),
    ];
    await givePassword(database, unverified, PASSWORD);
    await database.system('users').where({ id: deleted.userId }).update({ deleted_at: new Date() });
    const answers = [await logIn({ email: known.email, password: `${PASSWORD}!` })];
    for (const email of [unverified.email, bare.email, deleted.email, 'nobody@example.com'])
      answers.push(await logIn({ email, password: PASSWORD }));
    for (const answer of answers) {
      expect(codeOf(answer)).to.deep.equal([401, 'invalid_credentials']);
      expect({ ...answer.json, request_id: null }).to.deep.equal({ ...answers[0]!.json, request_id: null });
    }
    const failures = await database.system('audit_view').where({ action: 'auth.login', outcome: 'failure', org_id: own.orgId });
    expect(failures.map(({ actor_id }) => actor_id)).to.include(typeId('usr', known.userId));
  });

  it('takes as long for an unknown address as for a wrong password', async () => {
    const { email } = await member();
    const time = async (address: string): Promise<number> => {
      const started = performance.now();
      await logIn({ email: address, password: 'a wrong password' }, undefined, floored);
      return performance.now() - started;
    };
    const [known, unknown] = [[], []] as [number[], number[]];
    for (let i = 0; i < 4; i += 1) {
      known.push(await time(email));
      unknown.push(await time('nobody.at.all@example.com'));
    }
    expect(Math.min(...known, ...unknown)).to.be.at.least(249);
    // The same hash is computed, and the floor covers the rest: nothing of 20 ms is left to see.
    expect(Math.abs(Math.min(...known) - Math.min(...unknown))).to.be.lessThan(20);
  });

  for (const known of [true, false]) {
    it(`429: after five guesses at ${known ? 'an account' : 'an address without one'} each further one waits, the right password too; parallel ones do not overtake, and an owner is told`, async () => {
      const email = known ? (await member()).email : 'no.such.account@example.com';
      const guesses = await Promise.all(Array.from({ length: 12 }, () => logIn({ email, password: 'a wrong password' })));
      expect(guesses.filter(({ status }) => status === 401)).to.have.length(5);
      const locked = await logIn({ email, password: PASSWORD });
      expect(codeOf(locked)).to.deep.equal([429, 'too_many_attempts']);
      expect(Number(locked.headers.get('retry-after'))).to.be.within(20, 30);
      await database.system('auth_throttles').whereLike('subject', 'password:%').update({ locked_until: new Date() });
      await logIn({ email, password: 'a wrong password' });
      const again = await logIn({ email, password: PASSWORD });
      expect(Number(again.headers.get('retry-after'))).to.be.within(50, 60);
      const notices = (await mailsTo(database, email)).filter(({ template }) => template === 'sign_in_locked');
      expect(notices, 'its owner is told, once').to.have.length(known ? 1 : 0);
    });
  }

  it('counts from the beginning after the right password', async () => {
    const { email } = await member();
    for (let round = 0; round < 2; round += 1) {
      for (let i = 0; i < 3; i += 1) expect((await logIn({ email, password: 'a wrong password' })).status).to.equal(401);
      expect((await logIn({ email, password: PASSWORD })).status).to.equal(200);
    }
  });

  it('429: one network guesses a hundred times an hour at all accounts together; successes do not count; others go on', async () => {
    const { email } = await member();
    await logIn({ email: 'a@example.com', password: 'a wrong password' }, '2001:db8:1:2::1');
    await database.system('auth_throttles').whereLike('subject', 'address:%').update({ count: 98 });
    expect((await logIn({ email, password: PASSWORD }, '2001:db8:1:2::2')).status).to.equal(200);
    const statuses: number[] = [];
    for (const host of [3, 4, 5])
      statuses.push((await logIn({ email: `${host}@example.com`, password: 'x' }, `2001:db8:1:2::${host}`)).status);
    expect(statuses).to.deep.equal([401, 401, 429]);
    expect((await logIn({ email, password: PASSWORD }, '2001:db8:1:3::1')).status).to.equal(200);
  });

  it('503: nobody may guess while attempts cannot be counted', async () => {
    const { email } = await member();
    const rename = (from: string, to: string) => asOwner(database, `ALTER TABLE ${from} RENAME TO ${to}`);
    await rename('auth_throttles', 'auth_throttles_away');
    try {
      expect((await logIn({ email, password: PASSWORD })).status).to.equal(503);
    } finally {
      await rename('auth_throttles_away', 'auth_throttles');
    }
  });

  it('a hash of weaker parameters is made anew when its password is given', async () => {
    const person = await member();
    const weak = '$argon2id$v=19$m=4096,t=1,p=1$';
    await givePassword(database, person, PASSWORD, { memoryCost: 4_096, timeCost: 1 });
    const stored = async (): Promise<string> => (await database.system('passwords').where({ user_id: person.userId }).pluck('hash'))[0]!;
    expect(await stored()).to.contain(weak);
    expect((await logIn({ email: person.email, password: PASSWORD })).status).to.equal(200);
    expect(await stored()).to.contain('$argon2id$v=19$m=19456,t=2,p=1$');
    expect((await logIn({ email: person.email, password: PASSWORD })).status).to.equal(200);
  });
});

async function asOwner(database: ReturnType<typeof useDatabase>, sql: string): Promise<void> {
  const { createKnex } = await import('../../../db/knex.ts');
  const owner = createKnex(database.urls.owner, { max: 1, applicationName: 'test-owner', statementTimeoutMs: 5_000 });
  try {
    await owner.raw(sql);
  } finally {
    await owner.destroy();
  }
}
