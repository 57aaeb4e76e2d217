import { randomInt } from 'node:crypto';
import { expect } from 'chai';
import { AppError } from '../../../services/errors/AppError.ts';
import { authenticationOptions, verifyAssertion } from '../../../services/mfa/webauthn/authenticate.ts';
import { newChallenge } from '../../../services/mfa/webauthn/challenges.ts';
import { registerCredential, registrationOptions } from '../../../services/mfa/webauthn/register.ts';
import { actAs } from '../../support/actAs.ts';
import { useDatabase } from '../../support/database.ts';
import { createPerson } from '../../support/people.ts';
import type { TestPerson } from '../../support/people.ts';
import type { Cbor } from '../../support/cbor.ts';
import { VirtualAuthenticator } from '../../support/virtualAuthenticator.ts';
import type { Circumstances } from '../../support/virtualAuthenticator.ts';

const SITE = { id: 'app.example', name: 'Artisan Platform', origins: ['https://app.example', 'https://www.app.example'] };
const SESSION = 'session:here';
const MULTI_DEVICE = 0b11101;

describe('webauthn', () => {
  const database = useDatabase();
  const newKey = (algorithm?: 'EdDSA') => new VirtualAuthenticator('https://app.example', algorithm);

  async function register(person: TestPerson, key: VirtualAuthenticator, wrong: Circumstances = {}, boundTo = SESSION): Promise<string> {
    const options = await actAs(database, person, (context) =>
      registrationOptions(context, SITE, { email: person.email, boundTo: SESSION }),
    );
    const response = key.create(options, wrong);
    return outcome(await actAs(database, person, (context) => registerCredential(context, SITE, { name: 'Key', response, boundTo })));
  }
  const outcome = (result: object): string => (result instanceof AppError ? result.code : 'registered');
  const challengeAgain = (person: TestPerson, purpose: 'register' | 'authenticate'): Promise<string> =>
    actAs(database, person, (context) => newChallenge(context, purpose, SESSION));
  const ask = (person: TestPerson) => actAs(database, person, (context) => authenticationOptions(context, SITE, SESSION));
  const answer = (person: TestPerson, response: ReturnType<VirtualAuthenticator['get']>, boundTo = SESSION) =>
    actAs(database, person, (context) => verifyAssertion(context, SITE, { response, boundTo }));

  async function withKey(algorithm?: 'EdDSA', flags?: number): Promise<{ person: TestPerson; key: VirtualAuthenticator }> {
    const person = await createPerson(database);
    const key = newKey(algorithm);
    expect(await register(person, key, flags === undefined ? {} : { flags })).to.equal('registered');
    return { person, key };
  }

  for (const algorithm of ['ES256', 'EdDSA'] as const) {
    it(`accepts signatures of a registered ${algorithm} key, each under a challenge of its own`, async () => {
      const { person, key } = await withKey(algorithm === 'EdDSA' ? algorithm : undefined);
      for (let times = 0; times < 2; times += 1) {
        expect(await answer(person, key.get(await ask(person)))).to.deep.equal({ factor: 'webauthn', amr: ['hwk'] });
      }
    });
  }

  it('tells a passkey that may be synced (swk) from a key that cannot leave its device (hwk)', async () => {
    const { person, key } = await withKey(undefined, MULTI_DEVICE);
    expect(await answer(person, key.get(await ask(person), { flags: MULTI_DEVICE }))).to.deep.equal({ factor: 'webauthn', amr: ['swk'] });
  });

  it('asks for the registered keys only, and does not have one registered twice', async () => {
    const { person, key } = await withKey();
    const id = key.credentialId.toString('base64url');
    expect((await ask(person)).allowCredentials).to.deep.equal([{ id, type: 'public-key', transports: ['usb', 'nfc'] }]);
    const options = await actAs(database, person, (context) =>
      registrationOptions(context, SITE, { email: person.email, boundTo: SESSION }),
    );
    expect(options.excludeCredentials?.map((each) => each.id)).to.deep.equal([id]);
    expect(await register(person, key)).to.equal('conflict');
  });

  it('does not register what another person has registered', async () => {
    const { key } = await withKey();
    expect(await register(await createPerson(database), key)).to.equal('conflict');
  });

  const CIRCUMSTANCES: [what: string, wrong: Circumstances][] = [
    ['for another origin', { origin: 'https://app.example.evil.example' }],
    ['from a plain http page', { origin: 'http://app.example' }],
    ['for another site', { rpId: 'evil.example' }],
    ['for a challenge that was never given', { challenge: 'A'.repeat(43) }],
    ['with nobody present', { flags: 0 }],
    ['of the other ceremony', { type: 'webauthn.other' }],
  ];
  for (const [what, wrong] of CIRCUMSTANCES) {
    it(`registers nothing ${what}`, async () => {
      expect(await register(await createPerson(database), newKey(), wrong)).to.equal('second_factor_refused');
    });

    it(`accepts no signature ${what}`, async () => {
      const { person, key } = await withKey();
      expect(await answer(person, key.get(await ask(person), wrong))).to.equal(null);
    });
  }

  it('registers a key that vouches for itself, and nothing that only seems to', async () => {
    expect(await register(await createPerson(database), newKey(), { attestation: 'self' })).to.equal('registered');
    const attStmt = new Map<string, Cbor>(Object.entries({ alg: -7, sig: Buffer.alloc(70) }));
    expect(await register(await createPerson(database), newKey(), { attestation: { fmt: 'packed', attStmt } })).to.equal(
      'second_factor_refused',
    );
  });

  for (const fmt of ['packed', 'apple', 'tpm', 'android-key', 'fido-u2f', 'android-safetynet', 'of-my-own']) {
    it(`does not look at certificates, whose addresses would have to be followed: ${fmt}`, async () => {
      const person = await createPerson(database);
      const options = await actAs(database, person, (context) =>
        registrationOptions(context, SITE, { email: person.email, boundTo: SESSION }),
      );
      const attStmt = new Map<string, Cbor>(Object.entries({ alg: -7, sig: Buffer.alloc(70), x5c: [Buffer.alloc(100)] }));
      const response = newKey().create(options, { attestation: { fmt, attStmt } });
      const refusal = await actAs(database, person, (context) =>
        registerCredential(context, SITE, { name: 'Key', response, boundTo: SESSION }),
      );
      expect(refusal).to.be.instanceOf(AppError);
      expect((refusal as AppError).detail).to.contain('No attestation was asked for');
    });
  }

  it('answers forty damaged registrations and signatures with a refusal, never with a failure of its own', async () => {
    const { person, key } = await withKey();
    const registration = await actAs(database, person, (context) =>
      registrationOptions(context, SITE, { email: person.email, boundTo: SESSION }),
    );
    const damaged = (text: string): string => {
      const bytes = Buffer.from(text, 'base64url');
      for (let flips = randomInt(1, 4); flips > 0; flips -= 1) bytes[randomInt(bytes.length)]! ^= 1 << randomInt(8);
      return bytes.subarray(0, randomInt(4) === 0 ? randomInt(bytes.length) : bytes.length).toString('base64url');
    };
    const stranger = newKey();
    for (let times = 0; times < 20; times += 1) {
      // The challenge is put back: what is tried here is what comes after it.
      const made = stranger.create({ ...registration, challenge: await challengeAgain(person, 'register') });
      made.response.attestationObject = damaged(made.response.attestationObject);
      const result = await actAs(database, person, (context) =>
        registerCredential(context, SITE, { name: 'Key', response: made, boundTo: SESSION }),
      );
      if (!(result instanceof AppError)) await database.system('webauthn_credentials').where({ id: result.id }).delete();
      const signed = key.get({ challenge: await challengeAgain(person, 'authenticate'), rpId: SITE.id });
      const field = (['authenticatorData', 'signature'] as const)[times % 2]!;
      expect(await answer(person, { ...signed, response: { ...signed.response, [field]: damaged(signed.response[field]) } })).to.equal(
        null,
      );
    }
  });

  it('accepts no signature whose counter does not grow: the key may have been copied', async () => {
    const { person, key } = await withKey();
    expect(await answer(person, key.get(await ask(person), { counter: 7 }))).not.to.equal(null);
    for (const counter of [7, 3, 0])
      expect(await answer(person, key.get(await ask(person), { counter })), `counter ${counter}`).to.equal(null);
    expect(await answer(person, key.get(await ask(person), { counter: 8 }))).not.to.equal(null);
  });

  it('accepts keys that count nothing', async () => {
    const person = await createPerson(database);
    const key = newKey();
    await register(person, key, { counter: 0 });
    for (let times = 0; times < 2; times += 1) expect(await answer(person, key.get(await ask(person), { counter: 0 }))).not.to.equal(null);
  });

  it('accepts an answer once, also of ten that come at the same moment, and no failed one again', async () => {
    const { person, key } = await withKey();
    const response = key.get(await ask(person));
    const proofs = await Promise.all(Array.from({ length: 10 }, () => answer(person, response)));
    expect(proofs.filter((proof) => proof !== null)).to.have.lengthOf(1);

    const options = await ask(person);
    expect(await answer(person, key.get(options, { rpId: 'evil.example' }))).to.equal(null);
    expect(await answer(person, key.get(options)), 'the challenge is used up').to.equal(null);
  });

  it('accepts an answer only of the session that asked, and within five minutes', async () => {
    const { person, key } = await withKey();
    expect(await answer(person, key.get(await ask(person)), 'session:elsewhere')).to.equal(null);
    const response = key.get(await ask(person));
    const later = { now: () => new Date(Date.now() + 301_000) };
    const late = actAs(database, person, (context) => verifyAssertion(context, SITE, { response, boundTo: SESSION }), later);
    expect(await late).to.equal(null);
    expect(await register(await createPerson(database), newKey(), {}, 'session:elsewhere')).to.equal('second_factor_refused');
  });

  it('accepts no credential of another person, even under a challenge of the own', async () => {
    const [ours, theirs] = [await withKey(), await withKey()];
    expect(await answer(ours.person, theirs.key.get(await ask(ours.person)))).to.equal(null);
  });

  it('accepts no signature of a key that only claims the credential', async () => {
    const { person, key } = await withKey();
    const forger = newKey();
    const forged = forger.get(await ask(person));
    const id = key.credentialId.toString('base64url');
    expect(await answer(person, { ...forged, id, rawId: id })).to.equal(null);
  });

  for (const clientDataJSON of ['', 'bm9uc2Vuc2U', 'bnVsbA', 'e30', '{}']) {
    it(`refuses client data that is none: ${JSON.stringify(clientDataJSON)}`, async () => {
      const { person, key } = await withKey();
      const response = key.get(await ask(person));
      expect(await answer(person, { ...response, response: { ...response.response, clientDataJSON } })).to.equal(null);
    });
  }

  it('keeps at most ten challenges of a person', async () => {
    const { person } = await withKey();
    for (let times = 0; times < 13; times += 1) await ask(person);
    expect(await database.system('webauthn_challenges').where({ user_id: person.userId })).to.have.lengthOf(10);
  });
});
