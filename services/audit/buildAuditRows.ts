import { isIP } from 'node:net';
import { typeId } from '../../server/ids.ts';
import { discloseSealed } from './disclosure.ts';
import type { Disclosure, SubjectKey } from './disclosure.ts';
import {
  actorPublicId,
  actorSubject,
  changeSubject,
  hasChange,
  isPersonalActor,
  isPersonalTarget,
  recurringId,
  targetSubject,
} from './entry.ts';
import type { AuditEntry, AuditInput } from './entry.ts';
import { leafData, leafHash } from './leaf.ts';

const MAX_USER_AGENT = 512;

/** The rows of one entry, in database spelling; insertAudit writes many at once. */
export interface AuditRows {
  orgId: string;
  entryId: string;
  at: Date;
  leafData: Buffer;
  leafHash: Buffer;
  disclosures: Disclosure[];
  /** Subjects that audit_view alone would not find: all but API keys, which it finds as actors. */
  linkedRefs: string[];
  view: AuditView;
}

export interface AuditView {
  action: string;
  category: string;
  severity: string;
  outcome: string;
  reason: string | null;
  actorType: string;
  actorId: string;
  actorName: string;
  actorIp: string | null;
  userAgent: string | null;
  targetType: string | null;
  targetId: string | null;
  requestId: string | null;
  workflowId: string | null;
}

/**
 * The rows of each entry; pure but for the random nonces. `keys` holds a key for each of subjectsOf(entry).
 * The leaf holds no personal field: those are disclosures, one for the actor, one for each target, one for the changes,
 * so that each subject is erased without the others (docs/adr/0010-audit-leaf-structure.md).
 * Throws NotCanonicalError when a text cannot be written canonically.
 */
export function buildAuditRows(entries: readonly AuditEntry[], keys: ReadonlyMap<string, SubjectKey>): AuditRows[] {
  return entries.map((entry) => buildEntry(entry, keys));
}

function buildEntry(entry: AuditEntry, keys: ReadonlyMap<string, SubjectKey>): AuditRows {
  const actorId = actorPublicId(entry.actor);
  const disclose = (subject: string, path: string, value: object): Disclosure => {
    const key = keys.get(subject);
    if (!key) throw new Error(`The key of ${subject} was not loaded`);
    return discloseSealed(key, entry.id, path, value);
  };
  const actor = isPersonalActor(entry.actor) ? disclose(actorSubject(entry.actor), 'actor', actorFields(entry, actorId)) : undefined;
  const targets = entry.input.targets.map((target, i) => {
    const value = { ...(isPersonalTarget(target) && { id: target.id }), name: target.name };
    return isPersonalTarget(target) || target.name !== undefined ? disclose(targetSubject(target), `targets/${i}`, value) : undefined;
  });
  const { before, after } = entry.input;
  const change = hasChange(entry.input) ? disclose(changeSubject(entry), 'chg', { after, before }) : undefined;
  const data = leafData(leafOf(entry, { actor, targets, change }));
  const disclosures = [actor, ...targets, change].filter((disclosure) => disclosure !== undefined);
  return {
    orgId: entry.actor.orgId,
    entryId: entry.id,
    at: entry.at,
    leafData: data,
    leafHash: leafHash(data),
    disclosures,
    linkedRefs: linkedRefs(entry, disclosures),
    view: viewOf(entry, actorId),
  };
}

interface Commitments {
  actor: Disclosure | undefined;
  targets: (Disclosure | undefined)[];
  change: Disclosure | undefined;
}

function leafOf({ id, at, actor, input }: AuditEntry, commitments: Commitments): object {
  // In canonical order already, which writing it then need not make.
  return {
    _sd_alg: 'sha-256',
    act: input.action,
    actor: commitments.actor ? { ...sd(commitments.actor), type: actor.type } : { id: actor.id, name: actor.name, type: actor.type },
    chg: commitments.change && sd(commitments.change),
    class: input.category,
    crud: crudOf(input.action),
    ctx: { req: actor.requestId ?? undefined, wf: actor.workflowId ?? undefined },
    id: typeId('aud', id),
    org: recurringId('org', actor.orgId),
    out: input.outcome ?? 'success',
    reason: input.reason,
    sev: input.severity ?? 'info',
    src: actor.type === 'system' || actor.type === 'workflow' ? actor.type : 'api',
    t: at.toISOString(),
    targets: input.targets.map((target, i) => ({
      ...sd(commitments.targets[i]),
      id: isPersonalTarget(target) ? undefined : target.id,
      type: target.type,
    })),
    v: 1,
  };
}

const sd = (disclosure: Disclosure | undefined): object => (disclosure ? { _sd: [disclosure.digest] } : {});

const CRUD: Record<string, string> = { create: 'c', publish: 'c', read: 'r', list: 'r', get: 'r', export: 'r', update: 'u', delete: 'd' };

/** Create, read, update, delete; `x` for what only runs something. */
const crudOf = (action: string): string => CRUD[action.slice(action.lastIndexOf('.') + 1)] ?? 'x';

/** In canonical order. */
function actorFields({ actor }: AuditEntry, id: string): object {
  return {
    email: actor.session?.email,
    id,
    ip: actor.ip ?? undefined,
    name: actor.name,
    session_id: actor.session && recurringId('ses', actor.session.id),
    user_agent: actor.userAgent?.slice(0, MAX_USER_AGENT),
  };
}

function linkedRefs({ actor }: AuditEntry, disclosures: Disclosure[]): string[] {
  const linked = disclosures.filter(({ path }) => path !== 'actor' || actor.type !== 'api_key');
  return [...new Set(linked.map(({ subjectRef }) => subjectRef))];
}

function viewOf({ actor, input }: AuditEntry, actorId: string): AuditView {
  const target: AuditInput['targets'][number] | undefined = input.targets[0];
  return {
    action: input.action,
    category: input.category,
    severity: input.severity ?? 'info',
    outcome: input.outcome ?? 'success',
    reason: input.reason ?? null,
    actorType: actor.type,
    actorId,
    actorName: actor.name,
    actorIp: actor.ip !== null && isIP(actor.ip) !== 0 ? actor.ip.replace(/%.*$/, '') : null,
    userAgent: actor.userAgent?.slice(0, MAX_USER_AGENT) ?? null,
    targetType: target?.type ?? null,
    targetId: target?.id ?? null,
    requestId: actor.requestId,
    workflowId: actor.workflowId,
  };
}
