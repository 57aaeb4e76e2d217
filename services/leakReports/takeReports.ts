import type { Authenticator } from '../apiKeys/authenticate.ts';
import type { KeyRecord } from '../apiKeys/keyRecord.ts';
import type { Actor } from '../context.ts';
import { AppError } from '../errors/AppError.ts';
import type { PromisedMail } from '../mail/enqueueMail.ts';
import { runInTenant } from '../runInTenant.ts';
import { markLeaked } from './markLeaked.ts';

/** A text that looks like a key, and where it was found. */
export interface LeakReport {
  token: string;
  url: string | null;
  source: string | null;
}

type Deps = Parameters<typeof runInTenant>[0] & { authenticator: Authenticator };

/**
 * Has every reported key that is genuine marked, disabled where the organization wants that, and its owners told: mails to be woken. How many
 * there were is told to the operator's metrics and to nobody else. Safe to repeat: who was told within the last day is not told again.
 */
export async function takeReports(
  deps: Deps,
  { reporter, requestId }: { reporter: string; requestId: string },
  reports: readonly LeakReport[],
): Promise<{ found: number; mails: PromisedMail[] }> {
  let found = 0;
  const mails: PromisedMail[] = [];
  for (const report of new Map(reports.map((each) => [each.token, each])).values()) {
    const key = await genuine(deps.authenticator, report.token);
    if (!key) continue;
    found += 1;
    const actor = reporterOf(key.orgId, reporter, requestId);
    mails.push(...(await runInTenant(deps, actor, (tenant) => markLeaked(tenant, key.id, { ...report, reporter }))));
  }
  return { found, mails };
}

/** Only a whole key, with its secret, is a leak. Throws service_unavailable. */
async function genuine(authenticator: Authenticator, token: string): Promise<KeyRecord | null> {
  try {
    return await authenticator.identify(token);
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_api_key') return null;
    throw error;
  }
}

const reporterOf = (orgId: string, reporter: string, requestId: string): Actor => ({
  type: 'system',
  id: `leak-reports:${reporter}`,
  name: `Leak report by ${reporter}`,
  orgId,
  workspaceId: null,
  permissions: new Set(),
  ip: null,
  userAgent: null,
  requestId,
  workflowId: null,
});
