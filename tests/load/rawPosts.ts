import { Pool } from 'undici';
import { createSigner, newSigningSecret } from '../../services/webhooks/sign.ts';

/** Signed POSTs per second that this machine can make at all: signing and HTTP, without database or workflow. */
export async function rawPostsPerSecond(url: string, seconds: number, concurrency: number): Promise<number> {
  const pool = new Pool(url, { connections: concurrency });
  const sign = createSigner([newSigningSecret()]);
  const body = JSON.stringify({ type: 'lead.created', timestamp: new Date().toISOString(), data: { padding: 'x'.repeat(400) } });
  const endsAt = performance.now() + seconds * 1_000;
  let posted = 0;
  const one = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      const message = { id: `evt_${posted}`, timestampSeconds: Math.floor(Date.now() / 1_000), body };
      const headers = { 'content-type': 'application/json', 'webhook-id': message.id, 'webhook-signature': sign(message) };
      const answer = await pool.request({ method: 'POST', path: '/', headers, body });
      await answer.body.dump();
      posted += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, one));
  await pool.close();
  return posted / seconds;
}
