import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { retryAfterMs } from '../../../services/webhooks/retryAfter.ts';

interface Case {
  id: string;
  header: string | null;
  now: string;
  expectedDelayMs: number | null;
  why: string;
}

const { cases } = JSON.parse(readFileSync(new URL('../../vectors/retry-after.json', import.meta.url), 'utf8')) as { cases: Case[] };

describe('retryAfterMs', () => {
  for (const { id, header, now, expectedDelayMs, why } of cases) {
    it(`${id}: ${JSON.stringify(header)}${why ? ` (${why})` : ''}`, () => {
      expect(retryAfterMs(header, new Date(now))).to.equal(expectedDelayMs);
    });
  }
});
