import { expect } from 'chai';
import { newId, typeId } from '../../server/ids.ts';
import type { Received } from '../support/receiver.ts';
import type { Evidence } from './evidence.ts';
import { faultsOf, figuresOf } from './judge.ts';
import type { Traffic } from './traffic.ts';

const EVENTS = 200;

interface Run {
  traffic: Traffic;
  received: Received[];
  evidence: Evidence;
}

/** A run without fault: each event accepted, requested once, answered, recorded. */
function wholeRun(): Run & { ids: string[] } {
  const ids = Array.from({ length: EVENTS }, () => newId());
  return {
    ids,
    traffic: { accepted: ids.map((id) => ({ id: typeId('evt', id), at: 1_000 })), givenUp: [] },
    received: ids.map(request),
    evidence: {
      events: new Set(ids),
      deliveries: { delivered: EVENTS },
      attempts: ids.map((id) => ({ event_id: id, status_code: 200, error_code: null })),
      audit: { published: EVENTS, leaves: EVENTS + 9, broken: 0 },
      outbox: 0,
    },
  };
}

const request = (id: string): Received => ({ path: '/', headers: { 'webhook-id': typeId('evt', id) }, body: '', at: 1_500 });
const lost = (id: string) => ({ event_id: id, status_code: null, error_code: 'worker_lost' });

describe('the judgement of npm run test:crash', () => {
  const faults: [string, RegExp, (run: Run, ids: string[]) => void][] = [
    ['an accepted event that did not arrive', /1 accepted events did not arrive/, ({ received }) => void received.pop()],
    ['one that arrived and was never accepted', /never accepted/, ({ received }) => void received.push(request(newId()))],
    ['a publisher that gave up', /199 of 200/, ({ traffic }) => void traffic.givenUp.push(traffic.accepted.pop()!.id)],
    ['an event written twice', /201 events are written/, ({ evidence }) => void evidence.events.add(newId())],
    ['a request without a record', /more often than there are attempts/, ({ received }, ids) => void received.push(request(ids[0]!))],
    [
      'an answer that nobody gave',
      /did not give/,
      ({ evidence }, ids) => void evidence.attempts.push({ ...lost(ids[0]!), status_code: 200 }),
    ],
    [
      'one repeat in a hundred, recorded or not',
      /2 requests were repeats: 1 %/,
      ({ received, evidence }, ids) => {
        for (const id of ids.slice(0, 2)) {
          received.push(request(id));
          evidence.attempts.push(lost(id));
        }
      },
    ],
    ['a delivery that is stuck', /"in_flight":1/, ({ evidence }) => void (evidence.deliveries = { delivered: EVENTS - 1, in_flight: 1 })],
    ['a missing audit entry', /199 audit entries/, ({ evidence }) => void (evidence.audit.published -= 1)],
    ['a leaf without its body', /not whole/, ({ evidence }) => void (evidence.audit.broken = 1)],
    ['a wake-up nobody kept', /still promised/, ({ evidence }) => void (evidence.outbox = 1)],
  ];
  for (const [what, sentence, spoil] of faults)
    it(`finds ${what}`, () => {
      const { ids, ...run } = wholeRun();
      spoil(run, ids);
      expect(faultsOf(figuresOf(run.traffic, run.received, run.evidence, []), EVENTS).join('; ')).to.match(sentence);
    });

  it('finds nothing in a run without fault, nor in a repeat that a lost worker explains', () => {
    const { ids, traffic, received, evidence } = wholeRun();
    received.push(request(ids[0]!));
    evidence.attempts.push(lost(ids[0]!));
    const figures = figuresOf(traffic, received, evidence, []);
    expect(faultsOf(figures, EVENTS)).to.deep.equal([]);
    expect(figures).to.include({ duplicates: 1, answers_explained_by_loss: 1, worst_wait_ms: 500 });
  });

  it('says with which kill of the worker the answers of repeated requests were lost', () => {
    const { ids, traffic, received, evidence } = wholeRun();
    const again = (id: string, at: number): void => void received.push({ ...request(id), at });
    again(ids[0]!, 2_500);
    again(ids[0]!, 4_000);
    again(ids[1]!, 4_000);
    const { duplicates_by_worker_kill: byKill, duplicates } = figuresOf(traffic, received, evidence, [1_200, 2_000, 3_000]);
    expect({ duplicates, byKill }).to.deep.equal({ duplicates: 3, byKill: [0, 2, 1] });
  });
});
