/** How to reach a mail server, as nodemailer takes it. */
export interface SmtpServer {
  host: string;
  port: number;
  /** TLS from the first byte. */
  secure: boolean;
  /** No mail without STARTTLS. */
  requireTLS: boolean;
  ignoreTLS: boolean;
  auth?: { user: string; pass: string };
}

/** As nodemailer's own default. */
const PORTS = { 'smtp:': 587, 'smtps:': 465 };
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * `smtps://` is TLS from the first byte, `smtp://` STARTTLS, without which nothing is sent; on loopback, or with `?tls=off`, no TLS.
 * User and password stand in the URL, percent-encoded.
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const { protocol, hostname, port, username, password, searchParams } = new URL(text);
  const secure = protocol === 'smtps:';
  const plain = !secure && (LOOPBACK.test(hostname) || searchParams.get('tls') === 'off');
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? PORTS[secure ? 'smtps:' : 'smtp:'] : Number(port),
    secure,
    requireTLS: !secure && !plain,
    ignoreTLS: plain,
    ...(username !== '' && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  };
}
