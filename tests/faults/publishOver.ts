import { setTimeout as sleep } from 'node:timers/promises';

export interface Publication {
  status: number;
  retryAfter: string | null;
  body: { id?: string; code?: string };
}

/** One POST /events. A connection that breaks is status 0: the API process is gone. */
export async function publishOver(
  apiUrl: string,
  apiKey: string,
  { data = {}, type = 'lead.created', idempotencyKey }: { data?: object; type?: string | undefined; idempotencyKey?: string } = {},
): Promise<Publication> {
  const headers: Record<string, string> = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
  try {
    const answer = await fetch(`${apiUrl}/api/v1/events`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ type, data }),
      signal: AbortSignal.timeout(20_000),
    });
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: (await answer.json()) as Publication['body'] };
  } catch {
    return { status: 0, retryAfter: null, body: {} };
  }
}

/** Answers after which the same request is right: its body came too late, another one with the key still runs, too many at once. */
const AGAIN = new Set([408, 409, 429]);

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

/**
 * What a careful client does: the same request with the same key until it is accepted, after `Retry-After` or else after a pause that doubles,
 * and never in step with the others. Returns the event's id.
 */
export async function publishUntilAccepted(
  apiUrl: string,
  apiKey: string,
  data: object,
  idempotencyKey: string,
  { type, patienceMs = 60_000 }: { type?: string | undefined; patienceMs?: number } = {},
): Promise<string> {
  const giveUpAt = Date.now() + patienceMs;
  for (let tries = 0; ; tries += 1) {
    const { status, retryAfter, body } = await publishOver(apiUrl, apiKey, { data, type, idempotencyKey });
    if (status === 202 && body.id !== undefined) return body.id;
    if (status >= 400 && status < 500 && !AGAIN.has(status)) throw new Error(`refused with ${status} ${body.code}`);
    if (Date.now() > giveUpAt) throw new Error(`not accepted in time, last ${status} ${body.code}`);
    await sleep(pauseMs(retryAfter, tries));
  }
}

/** Up to half more than asked for: those who were refused together come back one after the other. */
function pauseMs(retryAfter: string | null, tries: number): number {
  const asked = retryAfter === null ? Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS) : Number(retryAfter) * 1_000;
  return asked * (1 + Math.random() / 2);
}
