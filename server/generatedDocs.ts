import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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
  };
}

function withTable(readme: string): string {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)];
  if (start === -1 || end < start) throw new Error(`README.md must have a line ${START} and after it ${END}`);
  return `${readme.slice(0, start)}${START}\n\n${configTable()}\n\n${readme.slice(end)}`;
}
