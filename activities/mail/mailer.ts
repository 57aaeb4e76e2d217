import { createTransport } from 'nodemailer';
import type { RenderedMail } from '../../services/mail/render.ts';
import type { SendOutcome } from '../../services/mail/delivery.ts';
import { parseSmtpUrl } from './smtpUrl.ts';
import { smtpFault } from './smtpFault.ts';

/** The way to the mail server. */
export interface Mailer {
  /**
   * Hands one mail over. Never throws: what went wrong is the outcome. `id` makes the Message-ID, the same at every attempt. When `signal`
   * aborts it stops waiting for a connection, or closes the one it has: `attempt_timeout`, although the mail server may have taken the mail.
   */
  send(mail: RenderedMail, id: string, signal: AbortSignal): Promise<SendOutcome>;
  close(): void;
}

interface MailerSettings {
  SMTP_URL?: string | undefined;
  MAIL_FROM: string;
}

const CONNECT_MS = 10_000;
/** Without a byte from the server. A whole exchange takes longer than this only when the server is slow and alive; the signal ends that. */
const SILENCE_MS = 20_000;
const CONNECTIONS = 5;

const NOT_CONFIGURED: Mailer = {
  send: async () => ({ sent: false, error: 'not_configured', permanent: false }),
  close: () => undefined,
};

/** A pool of connections, opened when the first mail is sent. Without SMTP_URL every mail waits until there is one. */
export function createMailer({ SMTP_URL, MAIL_FROM }: MailerSettings): Mailer {
  if (SMTP_URL === undefined) return NOT_CONFIGURED;
  const transport = createTransport({
    ...parseSmtpUrl(SMTP_URL),
    pool: true,
    maxConnections: CONNECTIONS,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    // Content is what it is given: no file and no address is ever read for it.
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });
  const domain = /@([^@>\s]+)>?\s*$/.exec(MAIL_FROM)?.[1] ?? 'localhost';
  return {
    async send({ to, subject, text, html }, id, signal) {
      try {
        await transport.sendMail({
          from: MAIL_FROM,
          to: { name: '', address: to },
          subject,
          text,
          html,
          messageId: `<${id}@${domain}>`,
          signal,
          // RFC 3834: nobody's absence assistant answers.
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        });
        return { sent: true };
      } catch (error) {
        return { sent: false, ...smtpFault(error) };
      }
    },
    close: () => transport.close(),
  };
}
