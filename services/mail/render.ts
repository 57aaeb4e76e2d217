import type { MailBlock, MailDraft } from './template.ts';

/** A finished mail but for its sender. */
export interface RenderedMail {
  to: string;
  subject: string;
  text: string;
  html: string;
}

const LONGEST_SUBJECT = 200;

/** Text and HTML of a draft. The HTML has no script, no picture, no style sheet and nothing remote; all text in it is escaped. Throws for a link that is not http or https. */
export function renderMail(to: string, { subject, body }: MailDraft): RenderedMail {
  const oneLine = subject
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_SUBJECT);
  return { to, subject: oneLine, text: `${body.map(textOf).join('\n\n')}\n`, html: page(oneLine, body.map(htmlOf).join('\n')) };
}

function textOf(block: MailBlock): string {
  switch (block.kind) {
    case 'paragraph':
      return block.text;
    case 'link':
      return `${block.label}:\n${addressOf(block.url)}`;
    case 'code':
      return `    ${block.text}`;
    case 'facts':
      return block.facts.map(([name, value]) => `${name}: ${value}`).join('\n');
  }
}

function htmlOf(block: MailBlock): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${escapeHtml(block.text)}</p>`;
    case 'link': {
      const url = escapeHtml(addressOf(block.url));
      return `<p><a href="${url}" style="${BUTTON}">${escapeHtml(block.label)}</a></p>\n<p style="${SMALL}">${url}</p>`;
    }
    case 'code':
      return `<pre style="${CODE}">${escapeHtml(block.text)}</pre>`;
    case 'facts':
      return `<table>${block.facts.map(([name, value]) => `<tr><td style="${SMALL}">${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`).join('')}</table>`;
  }
}

const BUTTON = 'display:inline-block;padding:10px 18px;border-radius:6px;background:#1d4ed8;color:#fff;text-decoration:none';
const SMALL = 'color:#57606a;font-size:13px;word-break:break-all';
const CODE = 'padding:12px;background:#f3f4f6;font-size:16px;white-space:pre-wrap;word-break:break-all';

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body style="margin:24px auto;max-width:560px;font:15px/1.5 system-ui,sans-serif;color:#1f2328">
${content}
</body></html>
`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** For text between tags and in quoted attributes. */
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);

function addressOf(url: string): string {
  const { protocol, href } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError(`A mail links to http and https only, not to ${protocol}`);
  return href;
}
