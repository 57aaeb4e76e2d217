import type { Knex } from 'knex';
import type { Clock } from '../../server/clock.ts';
import type { SubjectKeys } from '../audit/subjectKeys.ts';
import type { Actor } from '../context.ts';
import type { Vault } from '../crypto/vault.ts';
import { AppError } from '../errors/AppError.ts';
import { runInTenant } from '../runInTenant.ts';
import { usableWorkspaces } from '../workspaces/usable.ts';
import { acceptEvent } from './accept.ts';
import type { EventDraft } from './accept.ts';
import type { NewEvent } from './newEvent.ts';

interface AcceptDeps {
  knex: Knex;
  clock: Clock;
  vault: Vault;
  subjectKeys: SubjectKeys;
}

/** A draft and where it stands in the request, or the fault that was found when it was read. */
export type Candidate = { draft: EventDraft; location: string } | AppError;

/**
 * For each candidate the event that may be published, or why it may not. Opens a transaction only when a workspace is named
 * that the credential is not bound to. Throws service_unavailable.
 */
export async function acceptAll(deps: AcceptDeps, actor: Actor, candidates: Candidate[]): Promise<(NewEvent | AppError)[]> {
  const named = candidates.flatMap((candidate) => (candidate instanceof AppError ? [] : [candidate.draft.workspaceId]));
  const unproven = [...new Set(named.filter((id) => id !== null && id !== actor.workspaceId))] as string[];
  const usable = unproven.length === 0 ? new Set<string>() : await runInTenant(deps, actor, (tenant) => usableWorkspaces(tenant, unproven));
  const rules = { actor, now: deps.clock.now(), usable };
  return candidates.map((candidate) => {
    if (candidate instanceof AppError) return candidate;
    try {
      return acceptEvent(candidate.draft, rules, candidate.location);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  });
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
