import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { adrIndex } from './adrIndex.ts';
import { configTable, envExample } from './configDocs.ts';
import { errorDocs } from './errorDocs.ts';
import { plansTable } from './plansTable.ts';
import { rolesTable } from './rolesTable.ts';

const README = { name: 'README.md', start: '<!-- configuration: written by `npm run docs` -->', end: '<!-- end of configuration -->' };
const ROLES = { name: 'docs/guides/identity.md', start: '<!-- roles: written by `npm run docs` -->', end: '<!-- end of roles -->' };
const PLANS = { name: ROLES.name, start: '<!-- plans: written by `npm run docs` -->', end: '<!-- end of plans -->' };

export const projectPath = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** What each generated page must say now, by its path. Throws when a page has lost its markers. */
export function generatedDocs(): Record<string, string> {
  return {
    [README.name]: withTable(README, configTable()),
    [ROLES.name]: withTable(PLANS, plansTable(), withTable(ROLES, rolesTable())),
    '.env.example': envExample(),
    'docs/errors.md': errorDocs(),
    'docs/adr/README.md': adrIndex(decisions()),
  };
}

function decisions(): Map<string, string> {
  const files = readdirSync(projectPath('docs/adr')).filter((file) => /^\d{4}-.+\.md$/.test(file));
  return new Map(files.sort((a, b) => a.localeCompare(b)).map((file) => [file, readFileSync(projectPath(`docs/adr/${file}`), 'utf8')]));
}

/** The page with the table between its markers. */
function withTable({ name, start, end }: typeof README, table: string, page = readFileSync(projectPath(name), 'utf8')): string {
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`${name} must have a line ${start} and after it ${end}`);
  return `${page.slice(0, from)}${start}\n\n${table}\n\n${page.slice(to)}`;
}
