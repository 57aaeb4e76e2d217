const STYLE = `:root { color-scheme: light dark; --ink: #1f2328; --paper: #fff; --soft: #57606a; --line: #8c959f; --act: #0b57d0; --on-act: #fff; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --soft: #9da7b1; --line: #6e7681; --act: #8ab4f8; --on-act: #0d1117; --bad: #ffb4ab; } }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { max-width: 28rem; margin: 0 auto; padding: 2rem 1rem; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
.field { margin: 0 0 1.25rem; }
.field[hidden] { display: none; }
label { display: block; font-weight: 600; }
.hint { margin: 0; color: var(--soft); font-size: .875rem; }
input { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .375rem; }
button { min-height: 2.75rem; padding: .5rem 1.25rem; font: inherit; font-weight: 600; color: var(--on-act); background: var(--act); border: 0; border-radius: .375rem; cursor: pointer; }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
a { color: var(--act); }
.problem { margin: 0 0 1.25rem; padding: .25rem 1rem; border-left: .25rem solid var(--bad); }
.problem strong { color: var(--bad); }
`;

/** Takes the token from behind the #, which no browser sends, and out of the address. Without it somebody pastes the token. */
const SCRIPT = `const token = new URLSearchParams(location.hash.slice(1)).get('token');
const field = document.getElementById('token');
if (token && field) {
  field.value = token;
  field.closest('.field').hidden = true;
  history.replaceState(null, '', location.pathname);
}
(document.querySelector('.field:not([hidden]) input') ?? document.body).focus();
`;

/** What the pages load, from this process and from nowhere else. */
export const ACCOUNT_FILES: Readonly<Record<string, { type: string; text: string }>> = {
  '/auth/pages.css': { type: 'text/css; charset=utf-8', text: STYLE },
  '/auth/pages.js': { type: 'text/javascript; charset=utf-8', text: SCRIPT },
};
