export const VICTIMS = ['api', 'worker', 'temporal', 'postgres'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface Kill {
  /** After the first event is published. */
  atMs: number;
  victim: Victim;
  /** How long it stays away before it is started again. */
  downMs: number;
}

const MEAN_PAUSE_MS = 2_500;
const FIRST_MS = 1_000;
const DOWN_MS = { least: 250, most: 2_000 };

/**
 * What is killed and when: random points, a function of the seed alone, so that a run can be repeated.
 * Every four kills in a row hit each of the four processes once.
 */
export function killSchedule(seed: number, seconds: number): Kill[] {
  const random = generator(seed);
  const kills: Kill[] = [];
  let turn: Victim[] = [];
  for (let atMs = FIRST_MS; ;) {
    // Exponential pauses: some kills come close together, as when a machine dies.
    atMs += Math.round(-Math.log(1 - random()) * MEAN_PAUSE_MS);
    if (atMs >= seconds * 1_000) return kills;
    if (turn.length === 0) turn = shuffled(VICTIMS, random);
    kills.push({ atMs, victim: turn.pop()!, downMs: Math.round(DOWN_MS.least + random() * (DOWN_MS.most - DOWN_MS.least)) });
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
  }
  return mixed;
}

/** mulberry32: numbers in [0, 1) from a 32-bit seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
