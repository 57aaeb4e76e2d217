/** The order in which `amr` names what was proven: what is known, what is had, and that both were. */
export const AMR_ORDER = ['pwd', 'otp', 'hwk', 'swk', 'recovery_code', 'mfa'] as const;

const rank = (method: string): number => {
  const at = (AMR_ORDER as readonly string[]).indexOf(method);
  return at === -1 ? AMR_ORDER.length : at;
};

/** Each method once (RFC 8176), in the same order whichever way it came to be proven. */
export const orderedAmr = (methods: Iterable<string>): string[] =>
  [...new Set(methods)].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
