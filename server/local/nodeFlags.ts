import { join } from 'node:path';

/**
 * How V8 runs API and worker (docs/adr/0058-young-generation.md). Both make much garbage that dies within milliseconds: V8 would let the young
 * generation grow to 128 MB for it. package.json and the image's NODE_OPTIONS say the same.
 */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=8'];

/**
 * The same for glibc, which would keep eight heaps for each core, most of them half empty. The image has it in its environment;
 * another C library takes no notice.
 */
export const ALLOCATOR: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '2' };

/** Where Node keeps what it compiled, so that the next start neither strips types nor compiles again: quicker, and 27 MB less in each process. */
export const compileCacheIn = (dir: string): Record<string, string> => ({ NODE_COMPILE_CACHE: join(dir, 'compile-cache') });
