import { demoInstance } from './demoInstance.ts';
import { SHOP, demoOutage } from './demoOutage.ts';
import { demoReplay } from './demoReplay.ts';
import { demoRotation } from './demoRotation.ts';
import { demoScenario } from './demoScenario.ts';
import type { DemoRow } from './demoScenario.ts';
import { demoStage } from './demoStage.ts';
import { newOrganization } from './newOrganization.ts';
import { createScreen } from './screen.ts';
import { readDotEnv } from './settings.ts';

const screen = createScreen();
const WHERE_TO_LOOK =
  'Is the machine very busy? Try again; else look at the logs in DATA_DIR/logs and at docs/runbook/endpoint-failing.md.';

async function main(): Promise<void> {
  readDotEnv();
  await using instance = await demoInstance(process.env, screen);
  const owner = { name: `Demo of ${new Date().toISOString().slice(0, 16)}`, ownerEmail: 'owner@demo.example', plan: 'enterprise' };
  const { api_key: apiKey, organization_id: organizationId } = await newOrganization(instance.config, owner);
  screen.say(`Organization ${organizationId} at ${instance.apiUrl}\n`);
  const beganAt = new Date();
  await showDeliveries(instance.apiUrl, apiKey);
  await using stage = await demoStage(instance.apiUrl, apiKey, screen);
  screen.say('\n2. An endpoint fails and recovers\n');
  const shop = await demoOutage(stage);
  screen.say('\n3. Its deliveries are sent again, at a pace\n');
  await demoReplay(stage, shop, SHOP, { statuses: ['delivered'] }, 5);
  screen.say('\n4. An endpoint that came later asks for what it missed\n');
  const late = await stage.endpoint('Demo: came later', '/late');
  await demoReplay(stage, late, '/late', { missing: true, since: beganAt.toISOString() }, 10);
  screen.say('\n5. An API key is rotated under traffic\n');
  await demoRotation(instance.apiUrl, stage);
  screen.say('\nAll of it happened as it should.');
}

/** Throws when a delivery did not arrive as it should. */
async function showDeliveries(apiUrl: string, apiKey: string): Promise<void> {
  screen.say('1. Sample events are delivered, each with a signature that the receiver verifies\n');
  const done = screen.busy('Publishing the sample events and waiting for their deliveries');
  const rows = await demoScenario(apiUrl, apiKey).finally(done);
  screen.say(table(rows));
  const missed = rows.filter(({ ok }) => !ok).length;
  if (missed > 0) throw new Error(`${missed} of ${rows.length} deliveries did not arrive as they should.`);
  screen.say(`\nAll ${rows.length} deliveries arrived with a valid signature.`);
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
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n${WHERE_TO_LOOK}\n`);
  process.exitCode = 1;
}
