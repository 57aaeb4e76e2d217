import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { callbackify } from 'node:util';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** A mail that arrived. */
export interface CaughtMail {
  /** From 1, in order of arrival. */
  number: number;
  to: string[];
  from: string;
  subject: string;
  text: string;
  html: string;
  messageId: string;
  headers: Readonly<Record<string, string>>;
  receivedAt: Date;
}

export interface MailSink {
  /** For SMTP_URL. */
  readonly url: string;
  /** The newest last. */
  readonly mails: readonly CaughtMail[];
  close(): Promise<void>;
}

interface SinkOptions {
  /** Default: a free one. */
  port?: number;
  /** The client has its answer when this is done. */
  onMail?: (mail: CaughtMail) => void | Promise<void>;
  /** Asked for each recipient: an SMTP answer such as 550 to refuse it; null takes it. */
  refuse?: (address: string) => number | null;
}

const KEPT = 200;
const LARGEST_BYTES = 5 * 1024 * 1024;

/** An SMTP server on loopback that keeps mails in memory and sends none: for `npm start` and for tests. */
export async function startMailSink({ port = 0, onMail, refuse = () => null }: SinkOptions = {}): Promise<MailSink> {
  const mails: CaughtMail[] = [];
  let count = 0;
  async function keep(stream: Readable, to: string[]): Promise<void> {
    const mail = await parseMail(await buffer(stream), (count += 1), to);
    mails.push(mail);
    if (mails.length > KEPT) mails.shift();
    await onMail?.(mail);
  }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    size: LARGEST_BYTES,
    logger: false,
    onRcptTo({ address }, _session, done) {
      const answer = refuse(address);
      done(answer === null ? null : Object.assign(new Error('refused by the sink'), { responseCode: answer }));
    },
    onData(stream, { envelope }, done) {
      const to = envelope.rcptTo.map(({ address }) => address);
      callbackify(keep)(stream, to, done);
    },
  });
  // A client that breaks off is nothing to tell of.
  server.on('error', () => undefined);
  const address = await new Promise<AddressInfo>((resolve, reject) => {
    server.once('error', reject);
    const listening = server.listen(port, '127.0.0.1', () => resolve(listening.address() as AddressInfo));
  });
  return { url: `smtp://127.0.0.1:${address.port}`, mails, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function parseMail(raw: Buffer, number: number, to: string[]): Promise<CaughtMail> {
  const { from, subject = '', text = '', html = '', messageId = '', headers } = await PostalMime.parse(raw);
  return {
    number,
    to,
    from: from?.address ?? '',
    subject,
    text,
    html,
    messageId,
    headers: Object.fromEntries(headers.map(({ key, value }) => [key, value])),
    receivedAt: new Date(),
  };
}
