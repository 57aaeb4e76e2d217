import { newSigningKeyPair, newSigningSecret } from '../../services/webhooks/sign.ts';
import { capturePost } from './capturePost.ts';
import type { Captured, Sending } from './capturePost.ts';

export interface Case {
  name: string;
  expected: 'accepted' | 'refused';
  secret: string;
  request: Captured;
}

const [older, newer, foreign] = [newSigningSecret(), newSigningSecret(), newSigningSecret()];
const pair = newSigningKeyPair();
const TEXT = '{"type":"lead.created","timestamp":"2026-11-02T09:30:58.000Z","data":{"name":"Zoë 漢字 🚀"}}';
const LONG = JSON.stringify({ type: 'lead.updated', data: { text: '0123456789abcdef'.repeat(4_096) } });

/** Requests as the worker sends them, genuine and forged, each with what a receiver must make of it. */
export async function pythonCases(): Promise<Case[]> {
  const now = Math.floor(Date.now() / 1_000);
  const sent = (part: Partial<Sending> = {}): Promise<Captured> =>
    capturePost({ id: 'evt_01k0501z00e00800000000003h', body: TEXT, secrets: [newer], timestampSeconds: now, ...part });
  const accepted = (name: string, secret: string, request: Captured): Case => ({ name, expected: 'accepted', secret, request });
  const refused = (name: string, secret: string, request: Captured): Case => ({ name, expected: 'refused', secret, request });
  const genuine = await sent();
  const overlap = await sent({ secrets: [newer, older] });
  return [
    accepted('one secret', newer, genuine),
    accepted('a body of 64 KiB', newer, await sent({ body: LONG })),
    accepted('a replay', newer, await sent({ replay: true })),
    accepted('rotation: the receiver has the new secret', newer, overlap),
    accepted('rotation: the receiver has the old secret', older, overlap),
    accepted('v1a and v1 in one header', newer, await sent({ secrets: [pair.secret, newer] })),
    refused('another secret', foreign, genuine),
    refused('a changed body', newer, { ...genuine, body: Buffer.from(TEXT.replace('Zoë', 'Eve')) }),
    refused('another id', newer, { ...genuine, headers: { ...genuine.headers, 'webhook-id': 'evt_01k0501z00e00800000000004h' } }),
    refused('301 seconds old', newer, await sent({ timestampSeconds: now - 301 })),
    refused('only v1a', newer, await sent({ secrets: [pair.secret] })),
  ];
}
