import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { adrIndex } from './adrIndex.ts';
import { configTable, envExample } from './configDocs.ts';
import { errorDocs } from './errorDocs.ts';

const START = '<!-- configuration: written by `npm run docs` -->';
const END = '<!-- end of configuration -->';

export const projectPath = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** What each generated page must say now, by its path. Throws when the README has lost its markers. */
export function generatedDocs(): Record<string, string> {
  return {
    'README.md': withTable(readFileSync(projectPath('README.md'), 'utf8')),
    '.env.example': envExample(),
    'docs/errors.md': errorDocs(),
    'docs/adr/README.md': adrIndex(decisions()),
  };
}

function decisions(): Map<string, string> {
  const files = readdirSync(projectPath('docs/adr')).filter((file) => /^\d{4}-.+\.md$/.test(file));
  return new Map(files.sort((a, b) => a.localeCompare(b)).map((file) => [file, readFileSync(projectPath(`docs/adr/${file}`), 'utf8')]));
}

function withTable(readme: string): string {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)];
  if (start === -1 || end < start) throw new Error(`README.md must have a line ${START} and after it ${END}`);
  return `${readme.slice(0, start)}${START}\n\n${configTable()}\n\n${readme.slice(end)}`;
}
