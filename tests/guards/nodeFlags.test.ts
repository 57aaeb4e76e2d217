import { expect } from 'chai';
import { ALLOCATOR, NODE_FLAGS } from '../../server/local/nodeFlags.ts';
import { read } from './support/sources.ts';

describe('V8 of API and worker', () => {
  it('has the same flags under npm, in the image and below npm start', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const flags = NODE_FLAGS.join(' ');
    expect(scripts['api']).to.equal(`node ${flags} server/main.ts`);
    expect(scripts['worker']).to.equal(`node ${flags} activities/worker.ts`);
    expect(/NODE_OPTIONS=(\S+)/.exec(read('Dockerfile'))?.[1]).to.equal(flags);
    for (const [name, value] of Object.entries(ALLOCATOR)) expect(read('Dockerfile')).to.include(`${name}=${value}`);
    expect(read('docs/guides/operations.md')).to.include(`node ${flags} server/main.ts`).and.include(`node ${flags} activities/worker.ts`);
  });
});
