import type { DemoTenant } from './demoTenant.ts';
import type { Ready } from './stack.ts';

const ORG_CREATE = 'npm run org:create -- --name Acme --owner-email you@acme.example';

/** What a person needs after a start: addresses and, the first time, a key and a command that shows the product at work. */
export function welcome(
  { config, apiUrl, temporalUiUrl, mailUiUrl }: Ready & { mailUiUrl: string | null },
  demo: DemoTenant | null,
  seconds: number,
): string {
  return [
    '',
    `Ready in ${seconds.toFixed(1)} s`,
    '',
    `  API          ${apiUrl}/api/v1`,
    `  Docs         ${apiUrl}/docs`,
    ...(config.TEMPORAL_ADDRESS === undefined ? [] : [`  Temporal     ${config.TEMPORAL_ADDRESS}`]),
    ...(temporalUiUrl === null ? [] : [`  Temporal UI  ${temporalUiUrl}`]),
    ...(mailUiUrl === null ? [] : [`  Mails        ${mailUiUrl} (sent mails are shown there and go nowhere else)`]),
    ...(demo === null ? [`  An API key   ${ORG_CREATE}`] : aboutDemo(apiUrl, demo)),
    '',
    '  Ctrl-C stops everything; the next start goes on where it stopped.',
    '',
  ].join('\n');
}

function aboutDemo(apiUrl: string, { created, receiver }: DemoTenant): string[] {
  if (created === null) return [`  Receiver     ${receiver.url} (what the demo organization's endpoint gets is shown here)`];
  const { apiKey, webhookId } = created;
  return [
    '',
    '  A demo organization (plan enterprise) is there. Its API key is shown this once:',
    '',
    `    ${apiKey}`,
    '',
    `  Its webhook endpoint is a receiver at ${receiver.url}. Publish an event and see it arrive here:`,
    '',
    `    curl -sS ${apiUrl}/api/v1/events \\`,
    `      -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' \\`,
    `      -d '{"type":"lead.created","data":{"lead_id":"lead_1001","name":"Ada Lovelace","company":"Analytical Engines"}}'`,
    '',
    '  The deliveries of that endpoint:',
    '',
    `    curl -sS ${apiUrl}/api/v1/admin/webhooks/${webhookId}/deliveries -H 'Authorization: Bearer ${apiKey}'`,
  ];
}
