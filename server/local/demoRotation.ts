import { setTimeout as sleep } from 'node:timers/promises';
import { callApi } from './apiClient.ts';
import type { DemoStage } from './demoStage.ts';

interface Rotated {
  id: string;
  key: string;
  rotation: { retires_at: string };
}

/** Requests of a client that holds one key at a time. */
interface Traffic {
  useKey: (key: string) => void;
  counts: () => { answered: number; failed: number; announced: number };
  stop: () => Promise<void>;
}

const EVERY_MS = 20;
const GRACE_SECONDS = 6;
const SCOPES = ['event.publish', 'api_key.rotate', 'api_key.read'];

/** A client rotates its own key while it goes on working, and no request of it fails. Throws when one does. */
export async function demoRotation(apiUrl: string, { call, tell, expect }: DemoStage): Promise<void> {
  const { id, key } = await call<{ id: string; key: string }>('POST', '/admin/api-keys', { name: 'Demo: traffic', scopes: SCOPES });
  const traffic = startTraffic(apiUrl, key);
  try {
    await expect('The client should be working', () => (traffic.counts().answered >= 50 ? true : null));
    const rotated = await callApi<Rotated>(apiUrl, key, 'POST', `/admin/api-keys/${id}/rotate`, { grace_seconds: GRACE_SECONDS });
    tell(`The client rotates its own key. Both work; the old one until ${rotated.rotation.retires_at.slice(11, 19)} UTC.`);
    const announced = await expect('The old key should hear of its end', () =>
      traffic.counts().announced >= 10 ? traffic.counts().announced : null,
    );
    tell(`It still uses the old one: ${announced} answers said Deprecation and Sunset.`);
    traffic.useKey(rotated.key);
    tell('The client has changed over to the new key.');
    const rotation = () => callApi<{ state: string; end_reason: string }>(apiUrl, rotated.key, 'GET', `/admin/api-keys/${id}/rotation`);
    const { state, end_reason: reason } = await expect('The rotation should be finished', async () => {
      const found = await rotation();
      return found.state === 'finished' ? found : null;
    });
    const refused = await me(apiUrl, key);
    tell(`state: ${state} (${reason}). The old key is answered ${refused.status} ${((await refused.json()) as { code: string }).code}.`);
    if (refused.status !== 401) throw new Error('The old key should have been refused.');
  } finally {
    await traffic.stop();
  }
  const { answered, failed } = traffic.counts();
  if (failed > 0) throw new Error(`${failed} of ${answered} requests failed during the rotation.`);
  tell(`${answered} requests meanwhile, ${failed} failed.`);
}

function startTraffic(apiUrl: string, first: string): Traffic {
  let key = first;
  let stopped = false;
  const counts = { answered: 0, failed: 0, announced: 0 };
  const ask = async (): Promise<void> => {
    const response = await me(apiUrl, key).catch(() => null);
    counts.answered += 1;
    if (!response?.ok) counts.failed += 1;
    if (response?.headers.has('deprecation')) counts.announced += 1;
    await response?.body?.cancel();
  };
  const working = (async () => {
    for (; !stopped; await sleep(EVERY_MS)) await ask();
  })();
  return {
    useKey: (next) => void (key = next),
    counts: () => ({ ...counts }),
    async stop() {
      stopped = true;
      await working;
    },
  };
}

const me = (apiUrl: string, key: string): Promise<Response> =>
  fetch(`${apiUrl}/api/v1/admin/permissions/me`, { headers: { authorization: `Bearer ${key}` }, signal: AbortSignal.timeout(10_000) });
