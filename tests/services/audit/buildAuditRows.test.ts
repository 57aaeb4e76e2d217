import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { newId, typeId } from '../../../server/ids.ts';
import { buildAuditRows } from '../../../services/audit/buildAuditRows.ts';
import type { AuditRows } from '../../../services/audit/buildAuditRows.ts';
import { NotCanonicalError } from '../../../services/audit/canonicalJson.ts';
import { decodeDisclosure, digestOf, openDisclosure, subjectKey } from '../../../services/audit/disclosure.ts';
import type { SubjectKey } from '../../../services/audit/disclosure.ts';
import { subjectsOf } from '../../../services/audit/entry.ts';
import type { AuditEntry, AuditInput } from '../../../services/audit/entry.ts';
import { leafHash } from '../../../services/audit/leaf.ts';
import type { Actor } from '../../../services/context.ts';

const orgId = newId();
const keyActor: Actor = {
  type: 'api_key',
  id: newId(),
  name: 'Zoë’s key',
  orgId,
  workspaceId: null,
  permissions: new Set(),
  ip: '203.0.113.77',
  userAgent: 'curl/8.5 (Zoë’s laptop)',
  requestId: 'req_1',
  workflowId: null,
};
const workflowActor: Actor = { ...keyActor, type: 'workflow', id: 'relay', name: 'Relay', ip: null, userAgent: null, workflowId: 'wf:1' };
const webhook = { type: 'webhook', id: typeId('whk', newId()), name: 'Zoë’s hook' };
const user = { type: 'user', id: typeId('usr', newId()), name: 'Zoë' };

const entryOf = (actor: Actor, input: Partial<AuditInput>): AuditEntry => ({
  id: newId(),
  at: new Date('2026-11-21T10:11:12.345Z'),
  actor,
  input: { action: 'webhooks.update', category: 'system_config', targets: [], ...input },
});

const keysFor = (entries: AuditEntry[]): Map<string, SubjectKey> =>
  new Map(entries.flatMap(subjectsOf).map((subject) => [subject, subjectKey(`ref of ${subject}`, randomBytes(32))]));

function build(entry: AuditEntry): { rows: AuditRows; leaf: Leaf; text: string; keys: Map<string, SubjectKey> } {
  const keys = keysFor([entry]);
  const rows = buildAuditRows([entry], keys)[0]!;
  const text = rows.leafData.toString('utf8');
  return { rows, leaf: JSON.parse(text) as Leaf, text, keys };
}

function valueOf(rows: AuditRows, keys: Map<string, SubjectKey>, path: string): unknown {
  const disclosure = rows.disclosures.find((candidate) => candidate.path === path)!;
  const key = [...keys.values()].find(({ ref }) => ref === disclosure.subjectRef)!;
  const encoded = openDisclosure(key, rows.entryId, path, disclosure.sealed);
  expect(digestOf(encoded)).to.equal(disclosure.digest);
  return decodeDisclosure(encoded)[2];
}

interface Leaf extends Record<string, unknown> {
  actor: object;
  targets: object[];
  ctx: object;
}

describe('buildAuditRows', () => {
  it('keeps every personal field and every stable id of a person out of the leaf', () => {
    const entry = entryOf(keyActor, { targets: [user, webhook], before: { email: 'zoe@a.example' }, after: { email: 'z@b.example' } });
    const { text } = build(entry);
    for (const personal of ['Zoë', keyActor.ip!, 'curl', 'example', keyActor.id, typeId('key', keyActor.id), user.id]) {
      expect(text).not.to.include(personal);
    }
  });

  it('says in the leaf what happened, when, where, and to which impersonal object', () => {
    const entry = entryOf(keyActor, { targets: [webhook], outcome: 'denied', severity: 'warning', reason: 'missing_scope' });
    const { leaf, rows } = build(entry);
    expect(leaf).to.deep.include({ v: 1, org: typeId('org', orgId), id: typeId('aud', entry.id), t: '2026-11-21T10:11:12.345Z' });
    expect(leaf).to.deep.include({ act: 'webhooks.update', crud: 'u', class: 'system_config', sev: 'warning', out: 'denied' });
    expect(leaf).to.deep.include({ reason: 'missing_scope', src: 'api', ctx: { req: 'req_1' }, _sd_alg: 'sha-256' });
    expect(leaf.targets[0]).to.deep.equal({ type: 'webhook', id: webhook.id, _sd: [rows.disclosures[1]!.digest] });
    expect(leaf.actor).to.deep.equal({ type: 'api_key', _sd: [rows.disclosures[0]!.digest] });
    expect(rows.leafHash.equals(leafHash(rows.leafData))).to.equal(true);
  });

  it('discloses actor, each target and the changes apart, each under its own subject', () => {
    const { rows, keys } = build(entryOf(keyActor, { targets: [user, webhook], before: { a: 1.5 }, after: { a: 2 } }));
    expect(rows.disclosures.map(({ path }) => path)).to.deep.equal(['actor', 'targets/0', 'targets/1', 'chg']);
    const [actor, first, second, change] = rows.disclosures.map(({ subjectRef }) => subjectRef);
    expect(new Set([actor, first, second]).size).to.equal(3);
    expect(change).to.equal(first);
    expect(valueOf(rows, keys, 'actor')).to.deep.equal({
      id: typeId('key', keyActor.id),
      name: keyActor.name,
      ip: keyActor.ip,
      user_agent: keyActor.userAgent,
    });
    expect(valueOf(rows, keys, 'targets/0')).to.deep.equal({ id: user.id, name: 'Zoë' });
    expect(valueOf(rows, keys, 'targets/1')).to.deep.equal({ name: webhook.name });
    expect(valueOf(rows, keys, 'chg')).to.deep.equal({ before: { a: 1.5 }, after: { a: 2 } });
  });

  it('knows a person as the same subject whether they act or are acted upon', () => {
    const id = newId();
    const entry = entryOf({ ...keyActor, type: 'user', id }, { targets: [{ type: 'user', id: typeId('usr', id) }] });
    expect(subjectsOf(entry)).to.deep.equal([`user:${typeId('usr', id)}`]);
  });

  it('commits to the e-mail address and the session of a person who acts through one', () => {
    const [id, sessionId] = [newId(), newId()];
    const session = { id: sessionId, email: 'ada@example.com', membershipId: newId(), amr: ['pwd'], authTime: new Date(), mfaAt: null };
    const { text, rows, keys } = build(entryOf({ ...keyActor, type: 'user', id, session }, { targets: [] }));
    expect(valueOf(rows, keys, 'actor')).to.include({
      id: typeId('usr', id),
      email: 'ada@example.com',
      session_id: typeId('ses', sessionId),
    });
    for (const personal of ['ada@example.com', typeId('ses', sessionId), typeId('usr', id)]) expect(text).not.to.include(personal);
  });

  it('hides the id of a kind of target that nobody has listed as impersonal', () => {
    const { text, rows } = build(entryOf(workflowActor, { targets: [{ type: 'brand_new', id: 'new_1' }] }));
    expect(text).not.to.include('new_1');
    expect(rows.disclosures).to.have.length(1);
  });

  it('needs no key for a workflow that touches an unnamed impersonal object', () => {
    const entry = entryOf(workflowActor, { action: 'events.publish', targets: [{ type: 'event', id: 'evt_1' }] });
    expect(subjectsOf(entry)).to.deep.equal([]);
    const { leaf, rows } = build(entry);
    expect(rows.disclosures).to.deep.equal([]);
    expect(leaf.actor).to.deep.equal({ type: 'workflow', id: 'relay', name: 'Relay' });
    expect(leaf.ctx).to.deep.equal({ req: 'req_1', wf: 'wf:1' });
    expect(leaf).to.include({ src: 'workflow', crud: 'c' }).and.not.have.property('chg');
  });

  it('links every disclosed subject but an acting API key, which the view finds', () => {
    const { rows } = build(entryOf(keyActor, { targets: [user], after: { a: 1 } }));
    expect(rows.linkedRefs).to.deep.equal([`ref of user:${user.id}`]);
  });

  it('projects what is searched into the view; an address that is none is left out', () => {
    const { rows } = build(entryOf({ ...keyActor, ip: 'fe80::1%eth0', userAgent: 'x'.repeat(600) }, { targets: [webhook] }));
    expect(rows.view).to.include({ actorId: typeId('key', keyActor.id), targetType: 'webhook', targetId: webhook.id, actorIp: 'fe80::1' });
    expect(rows.view.userAgent).to.have.length(512);
    expect(build(entryOf({ ...keyActor, ip: 'unknown' }, {})).rows.view.actorIp).to.equal(null);
  });

  it('refuses text that has no canonical form, and a key that was not loaded', () => {
    const entry = entryOf(keyActor, { targets: [webhook], after: { name: 'x\u0000' } });
    expect(() => build(entry)).to.throw(NotCanonicalError);
    expect(() => buildAuditRows([entry], new Map())).to.throw(/api_key:key_.* was not loaded/);
  });

  it('builds the entries of a batch in order, each with its own commitments', () => {
    const entries = Array.from({ length: 300 }, () => entryOf(keyActor, { targets: [{ type: 'event', id: 'evt_1' }] }));
    const rows = buildAuditRows(entries, keysFor([entries[0]!]));
    expect(rows.map(({ entryId }) => entryId)).to.deep.equal(entries.map(({ id }) => id));
    expect(new Set(rows.map(({ leafHash: hash }) => hash.toString('hex'))).size).to.equal(300);
    expect(new Set(rows.flatMap(({ disclosures }) => disclosures.map(({ digest }) => digest))).size).to.equal(300);
  });
});
