import { temporalCandidates } from './temporalCandidates.ts';

/** The Temporal CLI of this machine: PATH, cache. Throws with everything that was tried. */
export async function findTemporal(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const tried: string[] = [];
  const found = temporalCandidates(env, tried);
  if (found !== null) return found;
  throw new Error(`Temporal was not found:\n${tried.map((line) => `  - ${line}`).join('\n')}`);
}
