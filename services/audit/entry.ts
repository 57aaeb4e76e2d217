import { LRUCache } from 'lru-cache';
import { typeId } from '../../server/ids.ts';
import type { IdPrefix } from '../../server/ids.ts';
import type { Actor } from '../context.ts';

export type AuditCategory =
  | 'authentication'
  | 'authorization'
  | 'data_access'
  | 'data_modification'
  | 'system_config'
  | 'user_management'
  | 'api_access'
  | 'compliance';

export interface AuditTarget {
  type: string;
  /** TypeID text. */
  id: string;
  name?: string;
}

/** What a service says about what it did. `action` is the operation id (`webhooks.create`). */
export interface AuditInput {
  action: string;
  category: AuditCategory;
  /** Default `info`. */
  severity?: 'info' | 'warning' | 'critical';
  /** Default `success`. */
  outcome?: 'success' | 'denied' | 'failure';
  /** Stays in the leaf for ever: a code or a fixed sentence, never something personal. */
  reason?: string;
  targets: AuditTarget[];
  before?: object;
  after?: object;
}

/** One entry to be written. `id` is a uuid (v7) whose time part is that of `at`. */
export interface AuditEntry {
  id: string;
  at: Date;
  actor: Actor;
  input: AuditInput;
}

/** Kinds of object whose id tells nothing about a person. Anything else counts as personal, so a new kind is safe until it is listed. */
const IMPERSONAL = new Set(['organization', 'workspace', 'webhook', 'event', 'delivery']);

export const isPersonalActor = (actor: Actor): boolean => actor.type === 'user' || actor.type === 'api_key';

export const isPersonalTarget = (target: AuditTarget): boolean => !IMPERSONAL.has(target.type);

const knownIds = new LRUCache<string, string>({ max: 1000 });

/** typeId for ids that return in entry after entry: organizations and credentials. */
export function recurringId(prefix: IdPrefix, uuid: string): string {
  const known = knownIds.get(uuid);
  if (known?.startsWith(prefix)) return known;
  const id = typeId(prefix, uuid);
  knownIds.set(uuid, id);
  return id;
}

/** The actor's id as it is known outside; a person has the same one as actor and as target. */
export function actorPublicId({ type, id }: Actor): string {
  if (type === 'user') return recurringId('usr', id);
  return type === 'api_key' ? recurringId('key', id) : id;
}

export const actorSubject = (actor: Actor): string => `${actor.type}:${actorPublicId(actor)}`;

export const targetSubject = (target: AuditTarget): string => `${target.type}:${target.id}`;

/** Changes belong to what was changed; without a target, to the organization. */
export function changeSubject({ actor, input }: Pick<AuditEntry, 'actor' | 'input'>): string {
  const [target] = input.targets;
  return target ? targetSubject(target) : `organization:${recurringId('org', actor.orgId)}`;
}

export const hasChange = (input: AuditInput): boolean => input.before !== undefined || input.after !== undefined;

/** Whose keys are needed to write this entry. */
export function subjectsOf(entry: Pick<AuditEntry, 'actor' | 'input'>): string[] {
  const { actor, input } = entry;
  const subjects = new Set<string>();
  if (isPersonalActor(actor)) subjects.add(actorSubject(actor));
  for (const target of input.targets) if (isPersonalTarget(target) || target.name !== undefined) subjects.add(targetSubject(target));
  if (hasChange(input)) subjects.add(changeSubject(entry));
  return [...subjects];
}
