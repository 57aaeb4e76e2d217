import type { Mix } from './apiMix.ts';
import { median, rounded } from './figures.ts';
import { offer } from './offer.ts';

const PER_SECOND = 200;
const SECONDS = 5;
/** Its row is changed by one request at a time: more than this many a second would wait for each other. */
const WRITES_PER_SECOND = 80;

export interface KindCost {
  /** Of one request, microseconds of CPU by process. */
  cpu_us: Record<string, number>;
  p50_ms: number;
}

/** What a request of each kind costs when nothing else is asked: which of them deserves a closer look. `cpu` reads seconds of CPU so far. */
export async function costOfEach(urls: string[], mix: Mix, cpu: () => Record<string, number>): Promise<Record<string, KindCost>> {
  const costs: Record<string, KindCost> = {};
  for (const kind of mix.kinds) {
    const perSecond = kind.method === 'PATCH' ? WRITES_PER_SECOND : PER_SECOND;
    const before = cpu();
    const { ms } = await offer(urls, { ...mix, kinds: [kind] }, { perSecond, seconds: SECONDS });
    const cost = Object.entries(cpu()).map(([name, seconds]) => [
      name,
      Math.round(((seconds - before[name]!) * 1e6) / (perSecond * SECONDS)),
    ]);
    costs[`${kind.name} (${kind.as})`] = {
      cpu_us: Object.fromEntries(cost) as Record<string, number>,
      p50_ms: rounded(median([...ms.values()].flat()), 2),
    };
  }
  return costs;
}
