import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { expect } from 'chai';
import { loadWorkflowBundle, quietLogger } from '../../activities/workflowBundle.ts';
import { quietRuntime } from '../support/worker.ts';

const HISTORIES = join(import.meta.dirname, 'histories');
const WORKFLOWS = join(import.meta.dirname, '../../workflows');
const files = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));

function read(file: string): { events: { workflowExecutionStartedEventAttributes?: { workflowType: { name: string } } }[] } {
  return JSON.parse(readFileSync(join(HISTORIES, file), 'utf8')) as ReturnType<typeof read>;
}

describe('replay of recorded histories', function () {
  this.timeout(60_000);
  let workflowBundle: WorkflowBundleOption;

  before(async () => {
    quietRuntime();
    workflowBundle = await loadWorkflowBundle(undefined);
  });

  for (const file of files) {
    it(`${file}: today's code makes the same decisions`, () => Worker.runReplayHistory({ workflowBundle }, read(file)));
  }

  it('holds a history of every workflow', () => {
    const recorded = files.map((file) => read(file).events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name);
    const existing = readdirSync(WORKFLOWS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(recorded).to.include.members(existing.map(({ name }) => name));
  });

  it('can fail: a workflow that waits before its first activity breaks the same histories', async () => {
    const changed = await bundleWorkflowCode({ workflowsPath: join(import.meta.dirname, 'changedWorkflow.ts'), logger: quietLogger });
    for (const file of files) {
      let error: unknown;
      await Worker.runReplayHistory({ workflowBundle: changed }, read(file)).catch((thrown: unknown) => (error = thrown));
      expect(error, file).to.have.property('name', 'DeterminismViolationError');
    }
  });
});
