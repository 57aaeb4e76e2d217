import { expect } from 'chai';
import { issueRecoveryCodes, redeemRecoveryCode } from '../../../services/mfa/recoveryCodes.ts';
import { actAs } from '../../support/actAs.ts';
import { useDatabase } from '../../support/database.ts';
import { createPerson } from '../../support/people.ts';
import type { TestPerson } from '../../support/people.ts';

const PEPPER = 'a pepper of at least thirty-two characters';

describe('recovery codes', () => {
  const database = useDatabase();
  let person: TestPerson;
  let codes: string[];
  before(async () => {
    person = await createPerson(database);
    codes = await issue(person);
  });

  const issue = (who: TestPerson): Promise<string[]> => actAs(database, who, (context) => issueRecoveryCodes(context, PEPPER));
  const redeem = (code: string, who = person) => actAs(database, who, (context) => redeemRecoveryCode(context, PEPPER, code));

  it('are ten different ones that stand nowhere in clear', async () => {
    expect(codes).to.have.lengthOf(10);
    expect(new Set(codes)).to.have.property('size', 10);
    for (const code of codes) expect(code).to.match(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
    const stored = JSON.stringify(await database.system('recovery_codes').select());
    for (const code of codes) expect(stored).not.to.contain(code).and.not.to.contain(code.replaceAll('-', ''));
  });

  it('work once each', async () => {
    expect(await redeem(codes[0]!)).to.deep.equal({ factor: 'recovery_code', amr: ['recovery_code'] });
    expect(await redeem(codes[0]!)).to.equal(null);
  });

  it('work once, whatever number of requests bring one at the same moment', async () => {
    const proofs = await Promise.all(Array.from({ length: 20 }, () => redeem(codes[1]!)));
    expect(proofs.filter((proof) => proof !== null)).to.have.lengthOf(1);
  });

  it('are read as people copy them', async () => {
    const copied = ` ${codes[2]!.toUpperCase().replaceAll('-', ' ').replaceAll('0', 'O').replaceAll('1', 'l')} `;
    expect(await redeem(copied)).not.to.equal(null);
  });

  it('are of no use to another person', async () => {
    expect(await redeem(codes[3]!, await createPerson(database))).to.equal(null);
  });

  for (const code of ['', '-', '0000-0000-0000-0000', 'x'.repeat(10_000)]) {
    it(`refuse ${JSON.stringify(code.slice(0, 20))}`, async () => expect(await redeem(code)).to.equal(null));
  }

  it('end when new ones are issued', async () => {
    const [fresh] = await issue(person);
    expect(await redeem(codes[4]!)).to.equal(null);
    expect(await redeem(fresh!)).not.to.equal(null);
  });
});
