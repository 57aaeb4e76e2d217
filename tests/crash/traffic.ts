import { setTimeout as sleep } from 'node:timers/promises';
import { publishUntilAccepted } from '../faults/publishOver.ts';

/** One endpoint listens to each: four lanes side by side. */
export const TYPES = ['lead.created', 'lead.updated', 'meeting.booked', 'campaign.sent'];

/** How long a publisher repeats one request. */
const PATIENCE_MS = 120_000;

export interface Accepted {
  id: string;
  /** When the 202 was read, in ms of the clock. */
  at: number;
}

export interface Traffic {
  /** Answered with 202. */
  accepted: Accepted[];
  /** Not answered with 202 in the time a publisher tries: may have been written or not. */
  givenUp: string[];
}

interface Rate {
  apiUrl: string;
  apiKey: string;
  perSecond: number;
  seconds: number;
}

/** Publishes at a fixed rate, whatever happens; each publisher repeats its request with its Idempotency-Key until it is accepted. */
export async function publishTraffic({ apiUrl, apiKey, perSecond, seconds }: Rate): Promise<Traffic> {
  const traffic: Traffic = { accepted: [], givenUp: [] };
  const publishing: Promise<void>[] = [];
  const startedAt = Date.now();
  for (let n = 0; n < perSecond * seconds; n += 1) {
    publishing.push(publishOne(n));
    await sleep(Math.max(0, startedAt + ((n + 1) * 1_000) / perSecond - Date.now()));
  }
  await Promise.all(publishing);
  return traffic;

  async function publishOne(n: number): Promise<void> {
    try {
      const id = await publishUntilAccepted(apiUrl, apiKey, { n }, `event-${n}`, {
        type: TYPES[n % TYPES.length],
        patienceMs: PATIENCE_MS,
      });
      traffic.accepted.push({ id, at: Date.now() });
    } catch (error) {
      traffic.givenUp.push(`event-${n}: ${(error as Error).message}`);
    }
  }
}
