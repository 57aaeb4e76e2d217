// Run by tests/guards/failures.test.ts alone: what a failed run looks like.
import { expect } from 'chai';

describe('what can go wrong', () => {
  it('a test that passes', () => {});
  it('a test that fails', () => {
    expect({ status: 'sent', attempts: 2 }).to.deep.equal({ status: 'sent', attempts: 1 });
  });
  describe('with a hook', () => {
    before('prepare it', () => {
      throw new Error('the hook failed', { cause: new Error('its reason') });
    });
    it('a test that is never run', () => {});
  });
});
