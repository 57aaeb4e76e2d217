import { expect } from 'chai';
import { retentionDays } from '../../../services/retention/days.ts';

describe('retentionDays', () => {
  it('follows the plan', () => {
    const days = (['free', 'starter', 'professional', 'enterprise'] as const).map((plan) => retentionDays({ plan, settings: {} }));
    expect(days).to.deep.equal([30, 90, 180, 365]);
  });

  it("follows the organization's own setting, ten years at most, unless that is no whole number of at least 7 days", () => {
    const days = (own: unknown) => retentionDays({ plan: 'starter', settings: { history_retention_days: own } });
    expect([7, 2_557, 6, 0, -1, 30.5, '30', null].map(days)).to.deep.equal([7, 2_557, 90, 90, 90, 90, 90, 90]);
    expect([3_650, 3_651, 1e9, Number.MAX_SAFE_INTEGER].map(days)).to.deep.equal([3_650, 3_650, 3_650, 3_650]);
  });
});
