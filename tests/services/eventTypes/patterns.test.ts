import { expect } from 'chai';
import { AppError } from '../../../services/errors/AppError.ts';
import { assertEventPatterns, patternsMatching } from '../../../services/eventTypes/patterns.ts';
import { assertPublishable } from '../../../services/eventTypes/publishable.ts';
import { EVENT_TYPES, OPERATIONAL_EVENT_TYPES, PUBLISHABLE_EVENT_TYPES } from '../../../services/eventTypes/registry.ts';

const NONE: ReadonlySet<string> = new Set();

function refusal(work: () => void): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('event types: subscriptions', () => {
  it('a client-published type reaches its name, its group and "*"', () => {
    expect(patternsMatching('lead.created')).to.deep.equal(['lead.created', 'lead.*', '*']);
  });

  it('an operational type reaches its name and its groups, never "*"', () => {
    expect(patternsMatching('webhook.delivery.dead')).to.deep.equal(['webhook.delivery.dead', 'webhook.*', 'webhook.delivery.*']);
    for (const type of OPERATIONAL_EVENT_TYPES) expect(patternsMatching(type)).not.to.include('*');
  });

  it('a test event reaches no subscription at all', () => {
    expect(patternsMatching('webhook.test')).to.deep.equal([]);
  });

  it('an own type reaches its name, its groups and "*", and only what it reaches can be subscribed to', () => {
    const reached = patternsMatching('invoice.line.paid');
    expect(reached).to.deep.equal(['invoice.line.paid', 'invoice.*', 'invoice.line.*', '*']);
    assertEventPatterns(['invoice.*', 'invoice.line.*', 'invoice.line.paid', 'lead.*'], new Set(reached));
    const error = refusal(() => assertEventPatterns(['invoice.*', 'invoice.paid'], new Set(reached)));
    expect(error.fields?.map((field) => field.location)).to.deep.equal(['body.events.1']);
  });

  it('accepts every known name, every group of a known name, and "*"', () => {
    assertEventPatterns([...PUBLISHABLE_EVENT_TYPES, ...OPERATIONAL_EVENT_TYPES], NONE);
    assertEventPatterns(['*', 'lead.*', 'meeting.*', 'webhook.*', 'webhook.endpoint.*', 'privacy.request.*'], NONE);
  });

  for (const pattern of [
    'lead.create',
    'Lead.created',
    'lead*',
    'lead.',
    '*.created',
    '**',
    'deal.*',
    'webhook.test',
    '',
    'lead.created ',
    'lead.%',
  ]) {
    it(`refuses ${JSON.stringify(pattern)}, naming where it stands`, () => {
      const error = refusal(() => assertEventPatterns(['lead.created', pattern], NONE));
      expect(error.code).to.equal('unknown_event_type');
      expect(error.fields?.map((field) => field.location)).to.deep.equal(['body.events.1']);
    });
  }

  it('names every unknown entry in one answer', () => {
    const error = refusal(() => assertEventPatterns(['a.b', 'lead.created', 'c.*'], NONE));
    expect(error.fields?.map((field) => field.location)).to.deep.equal(['body.events.0', 'body.events.2']);
  });
});

describe('event types: publishing', () => {
  it('has the 13 types that clients publish', () => {
    expect(PUBLISHABLE_EVENT_TYPES).to.have.length(13);
    for (const type of PUBLISHABLE_EVENT_TYPES) assertPublishable(type, 'body.type', NONE);
  });

  it('takes own types too', () => {
    assertPublishable('invoice.paid', 'body.type', new Set(['invoice.paid']));
    expect(refusal(() => assertPublishable('invoice.sent', 'body.type', new Set(['invoice.paid']))).code).to.equal('unknown_event_type');
  });

  it('refuses every operational and test type as reserved, every other as unknown', () => {
    const reserved = [...EVENT_TYPES.values()].filter((type) => type.kind !== 'business');
    expect(reserved).to.have.length(11);
    for (const { name } of reserved) expect(refusal(() => assertPublishable(name, 'body.type', NONE)).code).to.equal('reserved_event_type');
    for (const name of ['lead.*', '*', 'lead.create', '__proto__', 'constructor']) {
      const error = refusal(() => assertPublishable(name, 'body.events.7.type', NONE));
      expect(error.code).to.equal('unknown_event_type');
      expect(error.fields?.[0]?.location).to.equal('body.events.7.type');
    }
  });
});
