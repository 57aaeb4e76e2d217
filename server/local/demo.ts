import { demoInstance } from './demoInstance.ts';
import { demoScenario } from './demoScenario.ts';
import type { DemoRow } from './demoScenario.ts';
import { newOrganization } from './newOrganization.ts';
import { createScreen } from './screen.ts';
import { readDotEnv } from './settings.ts';

const screen = createScreen();

async function main(): Promise<void> {
  readDotEnv();
  await using instance = await demoInstance(process.env, screen);
  const owner = { name: `Demo of ${new Date().toISOString().slice(0, 16)}`, ownerEmail: 'owner@demo.example', plan: 'enterprise' };
  const { api_key: apiKey, organization_id: organizationId } = await newOrganization(instance.config, owner);
  screen.say(`Organization ${organizationId} at ${instance.apiUrl}\n`);
  const done = screen.busy('Publishing the sample events and waiting for their deliveries');
  const rows = await demoScenario(instance.apiUrl, apiKey).finally(done);
  screen.say(table(rows));
  const missed = rows.filter(({ ok }) => !ok).length;
  screen.say(
    missed === 0 ? `\nAll ${rows.length} deliveries arrived with a valid signature.` : `\n${missed} of ${rows.length} deliveries missed.`,
  );
  process.exitCode = missed === 0 ? 0 : 1;
}

function table(rows: DemoRow[]): string {
  const cells = rows.map(({ type, eventId, endpoint, answers, signature, ok }) => {
    return [ok ? '✓' : '✗', type, eventId, endpoint, answers.join(' → ') || '-', signature];
  });
  const lines = [['', 'event type', 'event', 'endpoint', 'answers', 'signature'], ...cells];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

try {
  await main();
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
