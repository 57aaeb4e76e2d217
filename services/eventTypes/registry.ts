/**
 * Who may cause an event of the type:
 * `business`: a client publishes it; `operational`: the platform does, for administrators; `test`: only `POST …/{id}/test` does.
 */
export type EventTypeKind = 'business' | 'operational' | 'test';

export interface EventType {
  name: string;
  kind: EventTypeKind;
  description: string;
}

const business = (name: string, description: string): EventType => ({ name, kind: 'business', description });
const operational = (name: string, description: string): EventType => ({ name, kind: 'operational', description });

/** Type of the event that `POST …/{id}/test` sends to one endpoint. */
export const TEST_EVENT_TYPE = 'webhook.test';

/** Every event type of the product, by name. */
export const EVENT_TYPES: ReadonlyMap<string, EventType> = new Map(
  [
    business('campaign.sent', 'A campaign was sent to its recipients.'),
    business('campaign.completed', 'A campaign reached its last recipient.'),
    business('campaign.paused', 'A campaign was paused.'),
    business('lead.created', 'A lead was created.'),
    business('lead.updated', 'A lead changed.'),
    business('lead.replied', 'A lead answered a message.'),
    business('lead.unsubscribed', 'A lead asked for no more messages.'),
    business('meeting.booked', 'A meeting was booked.'),
    business('meeting.completed', 'A meeting took place.'),
    business('meeting.cancelled', 'A meeting was called off.'),
    business('email.opened', 'A recipient opened an e-mail.'),
    business('email.clicked', 'A recipient followed a link of an e-mail.'),
    business('email.bounced', 'An e-mail could not be delivered.'),
    operational('webhook.delivery.dead', 'A delivery used up its retries.'),
    operational('webhook.endpoint.failing', 'An endpoint keeps failing and is only probed.'),
    operational('webhook.endpoint.disabled', 'An endpoint was disabled because it failed for too long.'),
    operational('webhook.endpoint.recovered', 'An endpoint that failed answers again.'),
    operational('api_key.rotated', 'An API key was replaced by a new one. With `cause: policy` the new one waits to be picked up.'),
    operational(
      'api_key.expiring',
      'An API key stops working in a week, or in a day: because it expires, or because nobody picked up its successor.',
    ),
    operational(
      'api_key.leaked',
      'An API key was found where strangers can read it, and is disabled unless the organization wants otherwise.',
    ),
    operational('privacy.request.due_soon', 'A privacy request nears its legal deadline.'),
    operational('privacy.request.completed', 'A privacy request was completed.'),
    operational('llm.budget.threshold', 'Spending on language models crossed a threshold.'),
    { name: TEST_EVENT_TYPE, kind: 'test' as const, description: 'A test that an administrator sent to one endpoint.' },
  ].map((type) => [type.name, type]),
);

/** Names of the types that clients publish, in the order of the registry. */
export const PUBLISHABLE_EVENT_TYPES: readonly string[] = namesOf('business');

/** Names of the types that the platform publishes about itself. */
export const OPERATIONAL_EVENT_TYPES: readonly string[] = namesOf('operational');

function namesOf(kind: EventTypeKind): string[] {
  return [...EVENT_TYPES.values()].filter((type) => type.kind === kind).map((type) => type.name);
}
