import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callApi } from './apiClient.ts';
import { startReceiver } from './receiver.ts';
import type { Received } from './receiver.ts';
import { waitUntil } from './waitUntil.ts';

/** What became of one sample event at one endpoint. */
export interface DemoRow {
  type: string;
  eventId: string;
  endpoint: string;
  /** HTTP statuses the receiver answered with, in order. */
  answers: number[];
  signature: string;
  ok: boolean;
}

interface Sample {
  type: string;
  data: Record<string, unknown>;
}

const SAMPLES = join(import.meta.dirname, '..', '..', 'docs', 'samples');
const DEADLINE_MS = 30_000;
/** Fails twice, so that a person sees the retries: one second apart. */
const RECOVERING = { path: '/recovers', type: 'lead.created', answers: [500, 500, 200], retryScheduleSeconds: [1, 1] };

/** Publishes every sample event to endpoints of a receiver of its own and returns what arrived within half a minute. */
export async function demoScenario(apiUrl: string, apiKey: string): Promise<DemoRow[]> {
  const samples = readSamples();
  const secrets = new Map<string, string>();
  const arrived: (Received & { status: number })[] = [];
  await using receiver = await startReceiver({
    port: 0,
    secretOf: (path) => secrets.get(path),
    answer: ({ path, id }) => {
      const earlier = arrived.filter((request) => request.path === path && request.id === id).length;
      return path === RECOVERING.path ? (RECOVERING.answers[earlier] ?? 200) : 204;
    },
    onReceived: (request, status) => arrived.push({ ...request, status }),
  });
  const expected = await subscribe(apiUrl, apiKey, receiver.url, samples, secrets);
  const published = new Map<string, string>();
  for (const sample of samples) published.set(sample.type, (await callApi<{ id: string }>(apiUrl, apiKey, 'POST', '/events', sample)).id);
  const rows = () => expected.map(({ path, type }) => rowOf(path, type, published.get(type) ?? '', arrived));
  await waitUntil('deliveries', () => (rows().every(({ ok }) => ok) ? true : null), { timeoutMs: DEADLINE_MS }).catch(() => {});
  return rows();
}

/** The sample events of docs/samples, each the body of one `POST /events`. */
export function readSamples(): Sample[] {
  return readdirSync(SAMPLES)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(SAMPLES, file), 'utf8')) as Sample);
}

/** One endpoint for each group of types and one that recovers; returns which type must arrive at which path. */
async function subscribe(apiUrl: string, apiKey: string, receiverUrl: string, samples: Sample[], secrets: Map<string, string>) {
  const groups = [...new Set(samples.map(({ type }) => type.split('.')[0] ?? ''))];
  const create = async (name: string, path: string, events: string[], more: object): Promise<void> => {
    const endpoint = { name, url: `${receiverUrl}${path}`, events, ...more };
    secrets.set(path, (await callApi<{ secret: string }>(apiUrl, apiKey, 'POST', '/admin/webhooks', endpoint)).secret);
  };
  for (const group of groups) await create(`Demo: ${group}`, `/${group}`, [`${group}.*`], {});
  await create('Demo: fails twice, then recovers', RECOVERING.path, [RECOVERING.type], {
    retry_schedule_seconds: RECOVERING.retryScheduleSeconds,
  });
  const expected = samples.map(({ type }) => ({ path: `/${type.split('.')[0]}`, type }));
  return [...expected, { path: RECOVERING.path, type: RECOVERING.type }];
}

function rowOf(path: string, type: string, eventId: string, arrived: (Received & { status: number })[]): DemoRow {
  const requests = arrived.filter((request) => request.path === path && request.id === eventId);
  const faults = requests.flatMap(({ fault }) => fault ?? []);
  const answers = requests.map(({ status }) => status);
  const wanted = path === RECOVERING.path ? RECOVERING.answers.length : 1;
  const ok = faults.length === 0 && answers.length >= wanted && (answers.at(-1) ?? 0) < 300;
  const signature = requests.length === 0 ? 'nothing arrived' : (faults[0] ?? 'valid');
  return { type, eventId, endpoint: path, answers, signature, ok };
}
