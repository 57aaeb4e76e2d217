import type { Mix } from './apiMix.ts';
import { apiFigures } from './apiFigures.ts';
import { machineTicks, stolenPercent } from './cpuTime.ts';
import { offer } from './offer.ts';

export interface Step {
  per_second: number;
  p50_ms: number;
  p95_ms: number;
  /** All answered without a refusal, and the 95th percentile below the goal. */
  holds: boolean;
  stolen_percent: number;
}

/** Offers more with each step, until one does not hold; the last that held is the rate that this machine sustains. */
export async function climb(
  urls: string[],
  mix: Mix,
  steps: { from: number; by: number; seconds: number; p95Ms: number },
): Promise<Step[]> {
  const climbed: Step[] = [];
  for (let perSecond = steps.from; climbed.at(-1)?.holds !== false; perSecond += steps.by) {
    const before = machineTicks();
    const { all, refused } = apiFigures(await offer(urls, mix, { perSecond, seconds: steps.seconds }));
    const holds = all.p95_ms < steps.p95Ms && Object.keys(refused).length === 0;
    climbed.push({ per_second: perSecond, p50_ms: all.p50_ms, p95_ms: all.p95_ms, holds, stolen_percent: stolenPercent(before) });
    console.log(JSON.stringify(climbed.at(-1)));
  }
  return climbed;
}
