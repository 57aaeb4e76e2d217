import { expect } from 'chai';
import { fromUUID } from 'typeid-js';
import { newId, parseTypeId, typeId } from '../../server/ids.ts';

describe('public ids', () => {
  // https://github.com/jetify-com/typeid/blob/main/spec/valid.yml
  const SPEC: [uuid: string, suffix: string][] = [
    ['00000000-0000-0000-0000-000000000000', '00000000000000000000000000'],
    ['00000000-0000-0000-0000-000000000001', '00000000000000000000000001'],
    ['00000000-0000-0000-0000-00000000000a', '0000000000000000000000000a'],
    ['00000000-0000-0000-0000-000000000010', '0000000000000000000000000g'],
    ['00000000-0000-0000-0000-000000000020', '00000000000000000000000010'],
    ['ffffffff-ffff-ffff-ffff-ffffffffffff', '7zzzzzzzzzzzzzzzzzzzzzzzzz'],
    ['0110c853-1d09-52d8-d73e-1194e95b5f19', '0123456789abcdefghjkmnpqrs'],
    ['01890a5d-ac96-774b-bcce-b302099a8057', '01h455vb4pex5vsknk084sn02q'],
  ];
  for (const [uuid, suffix] of SPEC) {
    it(`spell ${uuid} as the specification does`, () => {
      expect(typeId('evt', uuid)).to.equal(`evt_${suffix}`);
      expect(typeId('evt', uuid.toUpperCase())).to.equal(`evt_${suffix}`);
    });
  }

  it('are those of the library, whatever the uuid, and are read back', () => {
    for (let n = 0; n < 2_000; n += 1) {
      const uuid = n % 2 === 0 ? crypto.randomUUID() : newId();
      const id = typeId('whk', uuid);
      expect(id).to.equal(fromUUID(uuid, 'whk'));
      expect(parseTypeId('whk', id)).to.equal(uuid);
    }
  });
});
