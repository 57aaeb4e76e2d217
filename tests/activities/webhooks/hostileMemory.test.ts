import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { WebhookPoster } from '../../../activities/webhooks/postWebhook.ts';
import { createAddressGuard } from '../../../services/network/addressGuard.ts';
import { HOSTILE_BEHAVIOURS } from '../../support/hostilePeerProcess.ts';

const PEER = join(import.meta.dirname, '..', '..', 'support', 'hostilePeerProcess.ts');
const AT_ONCE = 100;
const DEADLINE_MS = 1_500;
/** For a hundred exchanges: 64 KiB of body or 16 KiB of headers, the socket's buffer of 64 KiB, and what the collector leaves lying:
 * up to 123 MB were seen. Without a bound it grows for as long as the peer sends. */
const MOST_GROWTH_MB = 250;

describe(`${AT_ONCE} hostile peers at once`, function () {
  this.timeout(60_000);

  for (const behaviour of HOSTILE_BEHAVIOURS)
    it(`${behaviour}: bounded memory and time`, async () => {
      const peer = fork(PEER, [behaviour], { stdio: 'inherit', execArgv: [] });
      const [port] = (await once(peer, 'message')) as [number];
      const poster = new WebhookPoster(createAddressGuard({ allowInsecureLoopback: true }));
      const url = `http://127.0.0.1:${port}/`;
      const memory = watchMemory();
      const startedAt = performance.now();
      const posts = Array.from({ length: AT_ONCE }, () => poster.post({ url, headers: {}, body: '{}', timeoutMs: DEADLINE_MS }));
      const exchanges = await Promise.all(posts);
      const seconds = (performance.now() - startedAt) / 1_000;
      const grownMb = memory.stop();
      await poster.close();
      peer.kill('SIGKILL');
      const outcomes = new Set(exchanges.map(({ errorCode, statusCode }) => errorCode ?? statusCode));
      console.log(`      ${[...outcomes].join(', ')}; ${grownMb} MB more, ${seconds.toFixed(1)} s`);
      expect(grownMb).to.be.lessThan(MOST_GROWTH_MB);
      expect(seconds).to.be.lessThan(20);
      for (const { responseExcerpt } of exchanges) expect(responseExcerpt?.length ?? 0).to.be.at.most(1_024);
    });
});

/** The most that heap and buffers grew by, in MB: what the kernel holds in socket buffers is not ours. */
function watchMemory(): { stop: () => number } {
  const used = (): number => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, used())), 5);
  return {
    stop() {
      clearInterval(timer);
      return Math.round((Math.max(most, used()) - before) / 2 ** 20);
    },
  };
}
