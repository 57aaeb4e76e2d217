/**
 * How V8 runs API and worker (docs/adr/0058-young-generation.md). Both make much garbage that dies within milliseconds: V8 would let the young
 * generation grow to 128 MB for it. package.json and the image's NODE_OPTIONS say the same.
 */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=8'];
