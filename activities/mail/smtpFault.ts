/** What nodemailer adds to its errors. */
interface SmtpError extends Error {
  code?: string;
  /** Of the server's last answer. */
  responseCode?: number;
}

/** Of nodemailer: it is our login or our own settings that are wrong, and somebody can put that right. */
const OURS = new Set(['EAUTH', 'ETLS', 'ENOAUTH', 'EOAUTH2', 'ECONFIG', 'EDNS', 'ECONNECTION', 'ESOCKET', 'ETIMEDOUT']);

/** Of nodemailer: our own signal ended the attempt. */
const ABORTED = 'EABORT';

/**
 * What an error of nodemailer means: `smtp_550` for an answer of the server, else a code of its own in lower case, never the answer's words.
 * Permanent (RFC 5321 section 4.2.1) when the server refuses this mail for good; a server that refuses us does not.
 */
export function smtpFault(error: unknown): { error: string; permanent: boolean } {
  const { code = 'unknown', responseCode } = error as SmtpError;
  if (code === ABORTED) return { error: 'attempt_timeout', permanent: false };
  if (OURS.has(code))
    return { error: responseCode === undefined ? code.toLowerCase() : `${code.toLowerCase()}_${responseCode}`, permanent: false };
  if (responseCode !== undefined) return { error: `smtp_${responseCode}`, permanent: responseCode >= 500 };
  return { error: code.toLowerCase(), permanent: false };
}
