import type { Config } from '../config.ts';
import { freePort, portIsFree } from './freePort.ts';
import { startMailPage } from './mailPage.ts';
import { startMailSink } from './mailSink.ts';
import { assertFree } from './rememberedPorts.ts';

/** The sink of a local start and the page that shows what it caught. */
export interface CaughtMails {
  /** Where the page is. */
  url: string;
  /** What the worker needs to send to the sink. */
  config: Pick<Config, 'SMTP_URL'>;
  close: () => Promise<void>;
}

const USUAL_PORT = 8025;

/** Starts both on loopback, unless mails go to a real server or it is production: then null. Throws naming MAIL_UI_PORT when that port is taken. */
export async function catchMails({ NODE_ENV, SMTP_URL, MAIL_UI_PORT }: Config): Promise<CaughtMails | null> {
  if (SMTP_URL !== undefined || NODE_ENV === 'production') return null;
  const port = await pagePort(MAIL_UI_PORT);
  const sink = await startMailSink({ port: await freePort() });
  const page = await startMailPage(sink, port);
  const close = async (): Promise<void> => {
    await page.close();
    await sink.close();
  };
  return { url: page.url, config: { SMTP_URL: sink.url }, close };
}

/** Not set: two copies run side by side, and the first gets the port that people know. */
async function pagePort(configured: number | undefined): Promise<number> {
  if (configured === undefined) return (await portIsFree(USUAL_PORT)) ? USUAL_PORT : freePort();
  if (configured === 0) return freePort();
  await assertFree(configured, 'MAIL_UI_PORT');
  return configured;
}
