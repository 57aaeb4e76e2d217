import { expect } from 'chai';
import { findJsonFault } from '../../../server/http/jsonFault.ts';
import { Router } from '../../../server/http/router.ts';

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

describe('core: the router', () => {
  const router = new Router<string>();
  for (const path of ['/a/webhooks', '/a/webhooks/{id}', '/a/{tenant}/webhooks', '/a/{tenant}/webhooks/{id}', '/a/webhooks/{id}/{other}'])
    router.add('GET', path, path);
  const found = (path: string) => {
    const match = router.match(path);
    return match && [match.methods.get('GET')!.value, ...match.values];
  };

  it('takes a fixed segment before a parameter, and turns back when that leads nowhere', () => {
    expect(found('/a/webhooks')).to.deep.equal(['/a/webhooks']);
    expect(found('/a/webhooks/1')).to.deep.equal(['/a/webhooks/{id}', '1']);
    expect(found('/a/t/webhooks')).to.deep.equal(['/a/{tenant}/webhooks', 't']);
    expect(found('/a/t/webhooks/1')).to.deep.equal(['/a/{tenant}/webhooks/{id}', 't', '1']);
    expect(found('/a/webhooks/webhooks/1')).to.deep.equal(['/a/webhooks/{id}/{other}', 'webhooks', '1']);
  });

  it('finds nothing for an empty segment, a longer and a shorter path', () => {
    for (const path of ['/', '/a', '/a/', '/a//webhooks', '/a/webhooks/', '/a/t/webhooks/1/2', '', '/a/t'])
      expect(found(path), path).to.equal(null);
  });

  it('refuses two operations for one method and path', () => {
    expect(() => router.add('GET', '/a/webhooks/{another}', 'x')).to.throw('declared twice');
  });
});
