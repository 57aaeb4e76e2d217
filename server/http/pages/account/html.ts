import { escapeHtml } from '../../../../services/mail/render.ts';
import type { Problem } from '../../problem.ts';
import type { PageField, PageForm } from './pageForm.ts';

/** A page without a form. */
export interface Notice {
  title: string;
  text: string;
  links?: PageForm['links'];
}

/** What was sent before, to be shown again with what is wrong about it. Passwords are not. */
export interface Refusal {
  values: Record<string, string>;
  problem: Problem;
}

export const noticePage = ({ title, text, links = [] }: Notice): string =>
  page(title, `<h1>${escapeHtml(title)}</h1>\n<p role="status">${escapeHtml(text)}</p>\n${linksOf(links)}`);

export const formPage = ({ title, intro, fields, action, links = [] }: PageForm, refusal: Refusal | null = null): string =>
  page(
    refusal ? `Not done: ${title}` : title,
    `<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(intro)}</p>
${refusal ? problemOf(refusal.problem, fields) : ''}
<form method="post">
${fields.map((field) => fieldOf(field, refusal?.values[field.name])).join('\n')}
<button type="submit">${escapeHtml(action)}</button>
</form>
${linksOf(links)}`,
  );

function fieldOf({ name, label, type, autocomplete, hint, required = true }: PageField, before = ''): string {
  const attributes = [
    `id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}"`,
    type !== 'password' && before !== '' ? `value="${escapeHtml(before)}"` : '',
    type === 'text' && autocomplete !== 'name' ? 'autocapitalize="off" spellcheck="false"' : '',
    hint ? `aria-describedby="${name}-hint"` : '',
    required ? 'required' : '',
  ];
  return `<div class="field">
<label for="${name}">${escapeHtml(label)}</label>
${hint ? `<p class="hint" id="${name}-hint">${escapeHtml(hint)}</p>` : ''}
<input ${attributes.filter((each) => each !== '').join(' ')}>
</div>`;
}

/** Named by the labels of the page, not by the places in a request. */
function problemOf({ title, detail, errors }: Problem, fields: readonly PageField[]): string {
  const faults = (errors ?? []).map(({ location, message }) => {
    const field = fields.find(({ name }) => location === `body.${name}`);
    return `<li>${field ? `${escapeHtml(field.label)} ` : ''}${escapeHtml(message)}</li>`;
  });
  const more = faults.length > 0 ? `<ul>${faults.join('')}</ul>` : `<p>${escapeHtml(detail)}</p>`;
  return `<div class="problem" role="alert"><p><strong>${escapeHtml(title)}</strong></p>${more}</div>`;
}

const linksOf = (links: NonNullable<PageForm['links']>): string =>
  links.map(([path, label]) => `<p><a href="${escapeHtml(path)}">${escapeHtml(label)}</a></p>`).join('\n');

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/auth/pages.css">
<script src="/auth/pages.js" defer></script>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`;
