/** For a name altogether, however many name servers there are. */
const RESOLVE_TIMEOUT_MS = 5_000;

/** For one name server: the wait for its first answer, and how often it is asked. */
export const ASK = { timeout: 1_000, tries: 2 };

/** Answers of DNS itself: the name does not exist, or has no such record. */
export const NO_RECORD: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

/** A fault of the name servers must not be taken for one of somebody else: ECONNREFUSED, say. It becomes `EAI_AGAIN`, with the fault as its cause. */
export function toldOf(fault: NodeJS.ErrnoException, host: string): Error {
  if (fault.code !== undefined && (NO_RECORD.has(fault.code) || fault.code === 'ETIMEOUT')) return fault;
  return Object.assign(new Error(`the name servers failed to resolve ${host}`, { cause: fault }), { code: 'EAI_AGAIN' });
}

/** What was asked for, or an error with the code `ETIMEOUT`. */
export async function resolveInTime<T>(asking: Promise<T>): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const late = (): void => timeout.reject(Object.assign(new Error('DNS did not answer in time'), { code: 'ETIMEOUT' }));
  const timer = setTimeout(late, RESOLVE_TIMEOUT_MS);
  try {
    return await Promise.race([asking, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
