import { bundleWorkflowCode } from '@temporalio/worker';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { Logger } from '../server/logger.ts';

export const WORKFLOWS_PATH = new URL('../workflows/index.ts', import.meta.url).pathname;

/** The prebuilt bundle when there is one (it must come from the same SDK version), else one made now in about a second. */
export async function loadWorkflowBundle(prebuiltPath: string | undefined, logger?: Logger): Promise<WorkflowBundleOption> {
  if (prebuiltPath !== undefined) return { codePath: prebuiltPath };
  const startedAt = performance.now();
  const bundle = await bundleWorkflowCode({ workflowsPath: WORKFLOWS_PATH, logger: quietLogger });
  logger?.info({ ms: Math.round(performance.now() - startedAt), bytes: bundle.code.length }, 'workflows bundled');
  return bundle;
}

const nothing = (): void => undefined;
/** The bundler's own output, of which nobody needs a word unless it throws. */
export const quietLogger = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
