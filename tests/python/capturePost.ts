import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { requestHeaders } from '../../activities/webhooks/requestHeaders.ts';
import { WebhookPoster } from '../../activities/webhooks/postWebhook.ts';
import { createAddressGuard } from '../../services/network/addressGuard.ts';
import { createSigner } from '../../services/webhooks/sign.ts';

export interface Captured {
  headers: Record<string, string>;
  body: Buffer;
}

export interface Sending {
  id: string;
  body: string;
  secrets: string[];
  timestampSeconds: number;
  replay?: boolean;
}

/** Sends one webhook as the worker does, over loopback, and returns what came over the wire. Throws when it does not arrive. */
export async function capturePost({ id, body, secrets, timestampSeconds, replay = false }: Sending): Promise<Captured> {
  let captured: Captured | null = null;
  const server = createServer((request, response) => {
    void buffer(request).then((bytes) => {
      captured = { headers: request.headers as Record<string, string>, body: bytes };
      response.end();
    });
  }).listen(0, '127.0.0.1');
  const poster = new WebhookPoster(createAddressGuard({ allowInsecureLoopback: true }));
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
    const headers = requestHeaders(
      { headers: {}, sign: createSigner(secrets) },
      { id, timestampSeconds, body },
      { replay, eventType: 'lead.created' },
    );
    const { errorCode } = await poster.post({ url, headers, body, timeoutMs: 5_000 });
    if (captured === null) throw new Error(`The request did not arrive: ${errorCode}`);
    return captured;
  } finally {
    await poster.close();
    server.closeAllConnections();
    server.close();
  }
}
