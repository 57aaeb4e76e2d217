import { expect } from 'chai';
import { TotpFactor } from '../../../db/models/TotpFactor.ts';
import type { PersonContext } from '../../../services/auth/personContext.ts';
import { confirmTotp } from '../../../services/mfa/confirmTotp.ts';
import { startTotp } from '../../../services/mfa/startTotp.ts';
import { describeTotp, matchStep, newTotpSecret } from '../../../services/mfa/totp.ts';
import { useUpStep, verifyTotp } from '../../../services/mfa/verifyTotp.ts';
import { actAs } from '../../support/actAs.ts';
import { codeOf, codeOfStep } from '../../support/authenticatorApp.ts';
import { useDatabase } from '../../support/database.ts';
import { createPerson } from '../../support/people.ts';
import type { TestPerson } from '../../support/people.ts';

/** RFC 6238 appendix B, SHA-1: seconds and the code of eight digits, of which ours is the end. */
const VECTORS: [seconds: number, code: string][] = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
];
const RFC_SECRET = Buffer.from('12345678901234567890');

describe('totp', () => {
  for (const [seconds, code] of VECTORS) {
    it(`accepts ${code.slice(2)} at ${seconds} s, as RFC 6238 says`, () => {
      expect(matchStep(RFC_SECRET, code.slice(2), new Date(seconds * 1_000))).to.equal(Math.floor(seconds / 30));
    });
  }

  it('accepts the step before and the one after the present one, and none further away', () => {
    const secret = newTotpSecret();
    const now = new Date(1_800_000_015_000);
    const step = 60_000_000;
    const matched = [-2, -1, 0, 1, 2].map((away) => matchStep(secret, codeOfStep(secret, step + away), now));
    expect(matched).to.deep.equal([null, step - 1, step, step + 1, null]);
  });

  for (const code of ['', '1', '12345', '1234567', 'abcdef', '１２３４５６', ' 12345']) {
    it(`refuses ${JSON.stringify(code)}, which is no code`, () => expect(matchStep(RFC_SECRET, code, new Date())).to.equal(null));
  }

  it('describes the secret as authenticator apps read it', () => {
    const { secret, uri } = describeTotp(RFC_SECRET, 'ada+1@acme.example');
    expect(secret).to.equal('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
    expect(uri).to.equal(
      `otpauth://totp/Artisan%20Platform:ada%2B1%40acme.example?issuer=Artisan%20Platform&secret=${secret}&algorithm=SHA1&digits=6&period=30`,
    );
  });
});

describe('totp of a person', () => {
  const database = useDatabase();
  const at = new Date('2026-11-21T12:00:10Z');
  const later = (seconds: number) => ({ now: () => new Date(at.getTime() + seconds * 1_000) });
  const as = <T>(person: TestPerson, seconds: number, work: (context: PersonContext) => Promise<T>): Promise<T> =>
    actAs(database, person, work, later(seconds));
  const refusal = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'accepted',
      (error: { code: string }) => error.code,
    );

  async function withApp(): Promise<{ person: TestPerson; secret: string }> {
    const person = await createPerson(database);
    const { secret } = await as(person, 0, (context) => startTotp(context, person.email));
    await as(person, 0, (context) => confirmTotp(context, codeOf(secret, at)));
    return { person, secret };
  }
  const verify = (person: TestPerson, seconds: number, code: string) => as(person, seconds, (context) => verifyTotp(context, code));

  it('proves nothing until its first code confirms it, within ten minutes', async () => {
    const person = await createPerson(database);
    const { secret } = await as(person, 0, (context) => startTotp(context, person.email));
    expect(await verify(person, 1, codeOf(secret, at))).to.equal(null);
    const confirm = (seconds: number) => as(person, seconds, (context) => confirmTotp(context, codeOf(secret, later(seconds).now())));
    expect(await refusal(confirm(600))).to.equal('conflict');
    expect(await refusal(as(person, 1, (context) => confirmTotp(context, '000000')))).to.equal('second_factor_refused');
    expect(await confirm(599)).to.deep.equal({ factor: 'totp', amr: ['otp'] });
    expect(await refusal(confirm(599))).to.equal('conflict');
  });

  it('accepts a code once, and after it none of its step or an earlier one', async () => {
    const { person, secret } = await withApp();
    const code = (seconds: number) => codeOf(secret, later(seconds).now());
    expect(await verify(person, 0, code(0)), 'the code that confirmed it').to.equal(null);
    expect(await verify(person, 0, code(30))).to.deep.equal({ factor: 'totp', amr: ['otp'] });
    expect(await verify(person, 30, code(30))).to.equal(null);
    expect(await verify(person, 30, code(0))).to.equal(null);
    expect(await verify(person, 60, code(60))).not.to.equal(null);
  });

  it('lets one of twenty requests with the same code through that come at the same moment', async () => {
    const { person, secret } = await withApp();
    const code = codeOf(secret, later(60).now());
    const proofs = await Promise.all(Array.from({ length: 20 }, () => verify(person, 60, code)));
    expect(proofs.filter((proof) => proof !== null)).to.have.lengthOf(1);
  });

  it('the guarded update alone lets one of two transactions that read the same state use up a step', async () => {
    const { person } = await withApp();
    const { id } = await as(person, 0, async ({ trx, userId }) => TotpFactor.query(trx).findOne({ user_id: userId }).throwIfNotFound());
    const used = await Promise.all([1, 2].map(() => as(person, 0, (context) => useUpStep(context, id, 99_999_999))));
    expect(used).to.have.members([true, false]);
  });

  it('a new secret replaces the old one when it is confirmed, and not before', async () => {
    const { person, secret: old } = await withApp();
    const { secret } = await as(person, 30, (context) => startTotp(context, person.email));
    expect(await verify(person, 30, codeOf(old, later(30).now()))).not.to.equal(null);
    await as(person, 60, (context) => confirmTotp(context, codeOf(secret, later(60).now())));
    expect(await verify(person, 90, codeOf(old, later(90).now()))).to.equal(null);
    expect(await verify(person, 90, codeOf(secret, later(90).now()))).not.to.equal(null);
  });

  it('two starts at the same moment leave one secret that waits', async () => {
    const person = await createPerson(database);
    await Promise.all([1, 2, 3].map(() => as(person, 0, (context) => startTotp(context, person.email))));
    expect(await as(person, 0, async ({ trx, userId }) => TotpFactor.query(trx).where({ user_id: userId }).resultSize())).to.equal(1);
  });

  it('is of no use to another person, and its secret stands nowhere in clear', async () => {
    const { secret } = await withApp();
    const { person: other } = await withApp();
    expect(await verify(other, 60, codeOf(secret, later(60).now()))).to.equal(null);
    const rows = await database.system('totp_factors').select();
    expect(JSON.stringify(rows)).not.to.contain(secret);
  });
});
