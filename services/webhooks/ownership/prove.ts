import type { Logger } from '../../../server/logger.ts';
import { appendAudit } from '../../audit/append.ts';
import type { AuditInput } from '../../audit/entry.ts';
import { bestEffort } from '../../bestEffort.ts';
import type { Actor } from '../../context.ts';
import { AppError } from '../../errors/AppError.ts';
import { runInTenant } from '../../runInTenant.ts';
import { assertCreatable } from '../create.ts';
import type { NewWebhook, WebhookSettings } from '../create.ts';
import { openHeaders } from '../customHeaders.ts';
import { findWebhook } from '../find.ts';
import { newSigningMaterial, openSecrets } from '../secrets.ts';
import type { SigningMaterial } from '../secrets.ts';
import { assertChanges } from '../update.ts';
import { typeId } from '../../../server/ids.ts';
import type { Candidate, OwnershipChecks, OwnershipProof } from './checks.ts';

type ProveDeps = Parameters<typeof runInTenant>[0] & { logger: Logger; ownership: OwnershipChecks };
type Refusal = Pick<AuditInput, 'action' | 'targets'>;

/**
 * For an endpoint to be: everything else about it is judged first, so that nothing is sent for what could not be created anyway.
 * The material that signed the challenge is to become the endpoint's. Transactions are over before the network is used.
 * Throws verification_failed, rate_limited, and what createWebhook throws.
 */
export async function proveNewWebhook(
  deps: ProveDeps,
  actor: Actor,
  input: NewWebhook,
): Promise<OwnershipProof & { material: SigningMaterial }> {
  await runInTenant(deps, actor, (tenant) => assertCreatable(tenant, input));
  const material = newSigningMaterial(input.signature);
  const candidate = { url: input.url, headers: input.headers, secrets: [material.secret], timeoutMs: input.timeoutSeconds * 1_000 };
  return { ...(await prove(deps, actor, candidate, { action: 'webhooks.create', targets: [] })), material };
}

/**
 * For an endpoint as the changes would leave it; its secrets sign the challenge.
 * Throws not_found, verification_failed, rate_limited, and what updateWebhook throws.
 */
export async function proveWebhook(deps: ProveDeps, actor: Actor, id: string, changes: Partial<WebhookSettings>): Promise<OwnershipProof> {
  const { name, ...candidate } = await runInTenant(deps, actor, async (tenant) => {
    const webhook = await findWebhook(tenant, id);
    await assertChanges(tenant, changes);
    const { trx, vault, clock } = tenant;
    return {
      name: webhook.name,
      url: changes.url ?? webhook.url,
      headers: changes.headers ?? openHeaders(vault, actor.orgId, id, webhook.headersSealed),
      secrets: await openSecrets(trx, vault, actor.orgId, id, clock.now()),
      timeoutMs: (changes.timeoutSeconds ?? webhook.timeoutSeconds) * 1_000,
    };
  });
  return prove(deps, actor, candidate, { action: 'webhooks.update', targets: [{ type: 'webhook', id: typeId('whk', id), name }] });
}

async function prove(deps: ProveDeps, actor: Actor, candidate: Candidate, refusal: Refusal): Promise<OwnershipProof> {
  try {
    return await deps.ownership.check(actor.orgId, candidate);
  } catch (error) {
    if (error instanceof AppError && error.code === 'verification_failed') await record(deps, actor, refusal, candidate, error);
    throw error;
  }
}

/** Somebody who asks for many addresses that do not answer should be found in the audit log. */
function record(deps: ProveDeps, actor: Actor, refusal: Refusal, { url }: Candidate, { fields }: AppError): Promise<void> {
  const reason = `verification_failed: ${fields?.[0]?.message.split(':', 1)[0] ?? 'unknown'}`;
  const entry: AuditInput = { ...refusal, category: 'system_config', severity: 'warning', outcome: 'failure', reason, after: { url } };
  const written = runInTenant(deps, actor, (tenant) => appendAudit(tenant, entry));
  return bestEffort(deps.logger, 'the refusal stands even when it cannot be recorded', written);
}
