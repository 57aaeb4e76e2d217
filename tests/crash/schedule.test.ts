import { expect } from 'chai';
import { killSchedule, VICTIMS } from './schedule.ts';

describe('the kills of npm run test:crash', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(killSchedule(7, 60)).to.deep.equal(killSchedule(7, 60));
    expect(killSchedule(7, 60)).not.to.deep.equal(killSchedule(8, 60));
  });

  for (const seed of [1, 2, 3, 4_294_967_295])
    it(`seed ${seed}: within the time, in order, each process as often as the others but for the last round`, () => {
      const kills = killSchedule(seed, 60);
      expect(kills.map(({ atMs }) => atMs)).to.deep.equal(kills.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
      for (const { atMs, downMs } of kills) {
        expect(atMs).to.be.within(1_000, 60_000);
        expect(downMs).to.be.within(250, 2_000);
      }
      const whole = kills.slice(0, kills.length - (kills.length % 4));
      expect(whole.length).to.be.greaterThan(8);
      for (const victim of VICTIMS) expect(whole.filter((kill) => kill.victim === victim)).to.have.length(whole.length / 4);
    });
});
