import { Script, createContext } from 'node:vm';

const script = new Script('run()');
const context: { run: () => unknown } = { run: () => undefined };
createContext(context);

/**
 * Runs `work`, which must not wait for anything, and breaks it off after `limitMs`: a regular expression or a schema that
 * takes exponential time cannot stop the process. Returns undefined in that case; throws what `work` throws. Not re-entrant.
 */
export function withinTime<T>(limitMs: number, work: () => T): { value: T } | undefined {
  context.run = work;
  try {
    return { value: script.runInContext(context, { timeout: limitMs }) as T };
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  } finally {
    context.run = () => undefined;
  }
}
