import type { Supervised } from './supervise.ts';

const ORDER = ['api', 'worker', 'temporal', 'postgres'];

/** Stops in the order that lets each finish what it has begun: no new requests, then activities, then their servers. */
export async function stopStack(running: Supervised[]): Promise<void> {
  for (const service of running.toSorted((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name))) await service.stop();
}
