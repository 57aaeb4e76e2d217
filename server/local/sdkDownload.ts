import { TestWorkflowEnvironment } from '@temporalio/testing';

// Run by downloadTemporal with the target folder as argument. The SDK also starts what it fetched, which proves that it runs here.
const [downloadDir] = process.argv.slice(2);
if (downloadDir === undefined) throw new Error('usage: sdkDownload.ts <folder>');
try {
  const environment = await TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'cached-download', downloadDir } } });
  await environment.teardown();
} catch (error) {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${text.split('): ').at(-1)}\n`); // the innermost reason of a long chain
  process.exitCode = 1;
}
