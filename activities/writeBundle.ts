import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { WORKFLOWS_PATH } from './workflowBundle.ts';

// `npm run workflows:bundle [file]`: for images, where WORKFLOW_BUNDLE_PATH names the file.
const file = process.argv[2] ?? 'dist/workflows.js';
const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS_PATH });
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, code);
