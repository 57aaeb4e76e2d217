import { expect } from 'chai';
import { boolArray, byteaArray, intArray, textArray, timeArray, uuidArray } from '../../db/binaryArrays.ts';
import { prepared } from '../../db/prepared.ts';
import { newId } from '../../server/ids.ts';
import { useDatabase } from '../support/database.ts';

describe('binary arrays', function () {
  this.timeout(20_000);
  const database = useDatabase();
  const echo = (type: string, array: Buffer): Promise<unknown> =>
    database.app.transaction(async (trx) => {
      const { rows } = await prepared<{ value: unknown }>(trx, `echo-${type}`, `SELECT $1::${type}[] AS value`, [array]);
      return rows[0]?.value;
    });

  const id = newId();
  const cases: [type: string, encode: (values: never[]) => Buffer, values: unknown[]][] = [
    ['uuid', uuidArray, [id, '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff']],
    ['int4', intArray, [0, -1, 2_147_483_647, -2_147_483_648]],
    ['bool', boolArray, [true, false]],
    ['text', textArray, ['', 'plain', '"quoted", \\ {and} NULL', 'ä€😀', 'x'.repeat(70_000)]],
    ['bytea', byteaArray, [Buffer.alloc(0), Buffer.from([0, 1, 255])]],
    ['timestamptz', timeArray, [new Date('1999-12-31T23:59:59.999Z'), new Date('2026-11-21T12:00:00.001Z'), new Date(0)]],
  ];
  for (const [type, encode, values] of cases) {
    it(`${type}: every value arrives as it was, between NULLs too, and none at all`, async () => {
      expect(await echo(type, encode(values as never[]))).to.deep.equal(values);
      const holed = [null, ...values.flatMap((value) => [value, undefined])];
      expect(await echo(type, encode(holed as never[]))).to.deep.equal(holed.map((value) => value ?? null));
      expect(await echo(type, encode([null, null] as never[]))).to.deep.equal([null, null]);
      expect(await echo(type, encode([]))).to.deep.equal([]);
    });
  }

  it('refuses a text that is no uuid instead of sending what stood in memory', () => {
    for (const wrong of ['', 'x', id.slice(1), `${id.slice(0, -1)}g`])
      expect(() => uuidArray([wrong]), wrong).to.throw(TypeError, 'not a uuid');
  });

  it('refuses a number beyond int4', () => {
    expect(() => intArray([2_147_483_648])).to.throw(RangeError);
  });
});
