import { expect } from 'chai';
import { matchSubscriptions } from '../../../services/events/match.ts';
import type { Subscription } from '../../../services/events/match.ts';
import type { NewEvent } from '../../../services/events/newEvent.ts';
import { useDatabase } from '../../support/database.ts';
import { seededRandom } from '../../support/seededRandom.ts';
import { TestTenant } from '../../support/tenant.ts';

const SEED = 20_261_121;
const TYPES = ['lead.created', 'lead.updated', 'meeting.booked', 'email.opened'];
const PATTERNS = ['*', 'lead.*', 'email.*', ...TYPES];
const CHANNELS = ['eu', 'us', 'apac'];

describe('subscriptions of an organization', function () {
  this.timeout(30_000);
  const database = useDatabase();
  const random = seededRandom(SEED);
  const some = (from: string[]): string[] => from.filter(() => random() < 0.3);

  it(`what Postgres leaves out is what no event concerns: batches reach whom they reach when every endpoint is asked (seed ${SEED})`, async () => {
    const tenant = await TestTenant.create(database);
    const endpoints: Subscription[] = [];
    for (let n = 0; n < 40; n += 1) {
      const settings = { eventTypes: some(PATTERNS), channels: some(CHANNELS) };
      if (settings.eventTypes.length === 0) settings.eventTypes.push('email.opened');
      const { id } = await tenant.webhook(settings);
      endpoints.push({ ...settings, id, workspaceId: null, accepts: () => true });
    }
    const events: NewEvent[] = Array.from({ length: 120 }, (_none, n) => ({
      type: TYPES[Math.floor(random() * TYPES.length)]!,
      data: {},
      occurredAt: new Date(),
      workspaceId: null,
      channels: some(CHANNELS),
      ...(n % 20 === 0 && { onlyEndpointId: endpoints[n % endpoints.length]!.id }),
    }));
    const reached: number[] = [];
    for (const batch of [...events.slice(0, 60).map((event) => [event]), events.slice(60)])
      reached.push(...(await tenant.publish(...batch)).map(({ deliveries }) => deliveries));
    expect(reached).to.deep.equal(events.map((event) => matchSubscriptions(event, endpoints).length));
    expect(new Set(reached).size, 'different answers').to.be.greaterThan(5);
  });
});
