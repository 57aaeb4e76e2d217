/** One part of a mail. There is no HTML among them: whatever a template puts into them is text, and escaped. */
export type MailBlock =
  | { kind: 'paragraph'; text: string }
  /** A button; in the text version the address on a line of its own. */
  | { kind: 'link'; label: string; url: string }
  /** Something to type or copy. */
  | { kind: 'code'; text: string }
  | { kind: 'facts'; facts: readonly (readonly [name: string, value: string])[] };

export interface MailDraft {
  /** One line. */
  subject: string;
  body: readonly MailBlock[];
}

/** A kind of mail: one file each in `templates/`, beside who needs it. Both versions, text and HTML, are made of what `write` returns. */
export interface MailTemplate<Data> {
  /** Kept in the mail's row and shown by metrics: never changed. */
  name: string;
  write(data: Data): MailDraft;
  /** For the tests, which look at every template. */
  example: Data;
}

export const paragraph = (text: string): MailBlock => ({ kind: 'paragraph', text });
/** `url` must be http or https: anything else throws when the mail is written. */
export const link = (label: string, url: string): MailBlock => ({ kind: 'link', label, url });
export const code = (text: string): MailBlock => ({ kind: 'code', text });
export const facts = (...pairs: (readonly [name: string, value: string])[]): MailBlock => ({ kind: 'facts', facts: pairs });

const LONGEST_NAME = 80;

/**
 * A name that somebody chose, for the words of a mail to somebody else: one line, not too long, and nothing that a mail program would
 * make a link of. Else "Win at https://evil.example" were a fine name for an organization.
 */
export function named(name: string): string {
  const oneLine = name.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim();
  const short = oneLine.length > LONGEST_NAME ? `${oneLine.slice(0, LONGEST_NAME).trimEnd()}…` : oneLine;
  // U+2024 looks like a full stop and is none.
  return short
    .replaceAll(/:\s*\/\//g, ': ')
    .replaceAll(/(?<=\S)\.(?=\S)/g, '\u2024')
    .replaceAll('@', ' at ');
}

/** An instant as people read it, in UTC, because nobody knows where the reader is. */
export const dateText = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
