export interface ProbeResult {
  state: 'up' | 'down';
  latencyMs: number;
  /** For a person; null when all is well. */
  detail: string | null;
}

/** Runs one check against a deadline of its own (milliseconds), so that a hanging service cannot hold up the answer. Never throws. */
export async function probe(deadlineMs: number, check: () => Promise<string | null>): Promise<ProbeResult> {
  const started = performance.now();
  const latencyMs = (): number => Math.round((performance.now() - started) * 10) / 10;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${deadlineMs} ms`), deadlineMs);
  });
  try {
    const fault = await Promise.race([check(), late]);
    return { state: fault === null ? 'up' : 'down', latencyMs: latencyMs(), detail: fault };
  } catch {
    return { state: 'down', latencyMs: latencyMs(), detail: 'not reachable' };
  } finally {
    clearTimeout(timer);
  }
}
