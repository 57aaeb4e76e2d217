import { callApi } from './apiClient.ts';
import { newOrganization } from './newOrganization.ts';
import { startReceiver } from './receiver.ts';
import type { Receiver } from './receiver.ts';
import { readPorts, rememberedPort } from './rememberedPorts.ts';
import type { Screen } from './screen.ts';
import { writeSecrets } from './secrets.ts';
import type { LocalSettings } from './settings.ts';
import type { Ready } from './stack.ts';

/** The receiver to close at the end; what was made only on the first start, because the key is stored nowhere. */
export interface DemoTenant {
  receiver: Receiver;
  created: { apiKey: string; webhookId: string } | null;
}

/**
 * First start: an organization "Demo" and an endpoint that points at a receiver in this process. Later starts: the receiver again.
 * null where there is no demo: production, a database that was given, or a receiver port that another program has taken.
 */
export async function demoTenant({ config, apiUrl }: Ready, settings: LocalSettings, screen: Screen): Promise<DemoTenant | null> {
  if (!config.WEBHOOK_ALLOW_INSECURE_LOOPBACK || settings.config.DATABASE_URL !== undefined) return null;
  const { dataDir, secrets } = settings;
  const first = secrets.demoSigningSecret === undefined;
  const wished = readPorts(dataDir).receiver;
  const port = await rememberedPort(dataDir, 'receiver');
  if (!first && port !== wished) {
    screen.say(`  - No demo receiver: another program has taken port ${wished}`);
    return null;
  }
  const receiver = await startReceiver({
    port,
    secretOf: () => secrets.demoSigningSecret,
    onReceived: ({ type, id, fault }) =>
      screen.say(`receiver| ${type} ${id} ${fault === null ? 'arrived, signature valid' : `refused: ${fault}`}`),
  });
  if (!first) return { receiver, created: null };
  return { receiver, created: await createTenant(config, apiUrl, receiver.url, settings) };
}

async function createTenant(
  config: Ready['config'],
  apiUrl: string,
  receiverUrl: string,
  settings: LocalSettings,
): Promise<{ apiKey: string; webhookId: string }> {
  const { DATABASE_SYSTEM_URL } = config;
  if (DATABASE_SYSTEM_URL === undefined) throw new Error('DATABASE_SYSTEM_URL is not set');
  const { api_key: apiKey } = await newOrganization(
    { ...config, DATABASE_SYSTEM_URL },
    { name: 'Demo', ownerEmail: 'owner@demo.example', plan: 'enterprise' },
  );
  const endpoint = { name: 'Demo receiver', url: `${receiverUrl}/webhooks`, events: ['*'] };
  const { id, secret } = await callApi<{ id: string; secret: string }>(apiUrl, apiKey, 'POST', '/admin/webhooks', endpoint);
  settings.secrets.demoSigningSecret = secret;
  writeSecrets(settings.dataDir, settings.secrets);
  return { apiKey, webhookId: id };
}
