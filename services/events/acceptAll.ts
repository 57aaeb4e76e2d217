import type { Knex } from 'knex';
import type { Clock } from '../../server/clock.ts';
import type { SubjectKeys } from '../audit/subjectKeys.ts';
import type { Actor } from '../context.ts';
import type { MasterVault } from '../crypto/vault.ts';
import { AppError } from '../errors/AppError.ts';
import type { OwnType, OwnTypes } from '../eventTypes/ownTypes.ts';
import { EVENT_TYPES } from '../eventTypes/registry.ts';
import { checkAll } from '../eventTypes/schema/compile.ts';
import { runInTenant } from '../runInTenant.ts';
import { usableWorkspaces } from '../workspaces/usable.ts';
import { acceptEvent } from './accept.ts';
import type { EventDraft } from './accept.ts';
import type { NewEvent } from './newEvent.ts';

interface AcceptDeps {
  knex: Knex;
  clock: Clock;
  vault: MasterVault;
  subjectKeys: SubjectKeys;
  ownTypes: OwnTypes;
}

/** A draft and where it stands in the request, or the fault that was found when it was read. */
export type Candidate = { draft: EventDraft; location: string } | AppError;

/**
 * For each candidate the event that may be published, or why it may not. Opens a transaction only when a workspace is named
 * that the credential is not bound to, or a type that is not built in and was not read a moment ago. Throws service_unavailable.
 */
export async function acceptAll(deps: AcceptDeps, actor: Actor, candidates: Candidate[]): Promise<(NewEvent | AppError)[]> {
  const named = candidates.flatMap((candidate) => (candidate instanceof AppError ? [] : [candidate.draft.workspaceId]));
  const unproven = [...new Set(named.filter((id) => id !== null && id !== actor.workspaceId))] as string[];
  const usable = unproven.length === 0 ? new Set<string>() : await runInTenant(deps, actor, (tenant) => usableWorkspaces(tenant, unproven));
  const own = await ownTypesOf(deps, actor, candidates);
  const rules = { actor, now: deps.clock.now(), usable, own };
  const accepted = candidates.map((candidate) => {
    if (candidate instanceof AppError) return candidate;
    try {
      return acceptEvent(candidate.draft, rules, candidate.location);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  });
  return checkSchemas(candidates, accepted, own);
}

/** Built-in types, which have no schema, cost nothing here. */
async function ownTypesOf({ ownTypes }: AcceptDeps, { orgId }: Actor, candidates: Candidate[]): Promise<ReadonlyMap<string, OwnType>> {
  const types = candidates.flatMap((candidate) => (candidate instanceof AppError ? [] : [candidate.draft.type]));
  const own = [...new Set(types.filter((type) => !EVENT_TYPES.has(type)))];
  return own.length === 0 ? new Map() : ownTypes.find(orgId, own);
}

/** Of the accepted events, those whose data does not satisfy the newest schema of their type become schema_violation. */
function checkSchemas(
  candidates: Candidate[],
  accepted: (NewEvent | AppError)[],
  own: ReadonlyMap<string, OwnType>,
): (NewEvent | AppError)[] {
  if (own.size === 0) return accepted;
  const checks = candidates.flatMap((candidate, index) => {
    const event = accepted[index];
    if (candidate instanceof AppError || event === undefined || event instanceof AppError) return [];
    const { validate = null, version = 0 } = own.get(event.type) ?? {};
    return validate === null ? [] : [{ index, version, validate, data: event.data, location: `${candidate.location}.data` }];
  });
  const results = [...accepted];
  checkAll(checks).forEach((fields, at) => {
    const { index, version } = checks[at]!;
    const detail = `The data does not satisfy version ${version} of the schema of this event type.`;
    if (fields.length > 0) results[index] = new AppError('schema_violation', { detail, fields });
  });
  return results;
}

/** The events, when all of them may be published. Throws the gravest refusal (400 before 422), with the fields of all. */
export function allAccepted(accepted: (NewEvent | AppError)[]): NewEvent[] {
  const refusals = accepted.filter((result) => result instanceof AppError);
  const [first] = refusals.toSorted((a, b) => a.status - b.status);
  if (!first) return accepted as NewEvent[];
  throw new AppError(first.code, {
    ...(first.detail !== undefined && { detail: first.detail }),
    fields: refusals.flatMap(({ fields }) => fields ?? []).slice(0, MAX_FIELDS),
  });
}

/** A batch of 1,000 wrong events must not be answered with 1,000 sentences. */
const MAX_FIELDS = 50;
