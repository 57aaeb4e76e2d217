import { setFlagsFromString } from 'node:v8';

/** Of what a full collection found alive. V8's own choice let it grow to two and a half times as much while events were published at full rate. */
const GROWTH_PERCENT = 40;

/**
 * Collects the old generation when it has grown by this much, instead of as late as V8 likes. What a request leaves there is garbage that died
 * a moment too late, and the memory of its buffers goes with it (docs/adr/0058-young-generation.md). V8 reads the flag after each
 * collection, so it may be set while running; NODE_OPTIONS does not take it.
 */
export const boundHeapGrowth = (): void => setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
