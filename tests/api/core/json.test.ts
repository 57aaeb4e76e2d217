import { expect } from 'chai';
import { findJsonFault } from '../../../server/http/jsonFault.ts';

/** Repeatable numbers from 0 to below 1. https://en.wikipedia.org/wiki/Linear_congruential_generator */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const VALID = '{"a":[1,-0.5e+3,true,null,"x\\u00e9\\n"],"b":{"c":{},"d":[]},"e":"ü"}';

describe('core: where JSON goes wrong', () => {
  it('finds it in every text that JSON.parse refuses, at or before the place where that gave up', () => {
    const random = randomFrom(42);
    const alphabet = '{}[]",:0123456789-+.eE\\truefalsn \n\u0001ü';
    for (let round = 0; round < 20_000; round += 1) {
      const at = Math.floor(random() * VALID.length);
      const inserted = alphabet[Math.floor(random() * alphabet.length)]!;
      const text = random() < 0.5 ? VALID.slice(0, at) + inserted + VALID.slice(at + 1) : VALID.slice(0, at) + inserted + VALID.slice(at);
      const refusedAt = refusal(text);
      if (refusedAt === null) continue;
      const { position, line, column } = findJsonFault(text);
      expect(position, text).to.be.at.most(Math.min(refusedAt, text.length));
      expect(
        text
          .split('\n')
          .slice(0, line - 1)
          .join('\n').length +
          (line > 1 ? 1 : 0) +
          column -
          1,
        text,
      ).to.equal(position);
    }
  });

  function refusal(text: string): number | null {
    try {
      JSON.parse(text);
      return null;
    } catch (error) {
      return Number(/position (\d+)/.exec((error as Error).message)?.[1] ?? text.length);
    }
  }
});
