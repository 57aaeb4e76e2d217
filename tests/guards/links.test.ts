import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { projectFiles, projectRoot, read } from './support/sources.ts';

const pages = projectFiles().filter((path) => path.endsWith('.md'));

describe('links between pages', () => {
  it('lead to a file that is there, and to a heading of it', () => {
    const links = pages.flatMap((path) => linksOf(path, read(path)));
    console.log(`      ${links.length} links in ${pages.length} pages`);
    expect(links.flatMap(({ path, target }) => fault(path, target))).to.deep.equal([]);
  });

  it('would be noticed when they lead nowhere', () => {
    expect(fault('README.md', 'docs/nothing.md')).to.have.length(1);
    expect(fault('docs/runbook.md', 'guides/operations.md#no-such-heading')).to.have.length(1);
    expect(fault('docs/runbook.md', 'guides/operations.md#backup-and-restore')).to.deep.equal([]);
  });

  it('decisions have a number of their own, which their title repeats', () => {
    const decisions = pages.filter((path) => /^docs\/adr\/\d{4}-/.test(path));
    const numbers = decisions.map((path) => path.slice('docs/adr/'.length, 'docs/adr/'.length + 4));
    expect(new Set(numbers).size, numbers.join(' ')).to.equal(numbers.length);
    expect(decisions.filter((path, index) => !read(path).startsWith(`# ${numbers[index]}`))).to.deep.equal([]);
  });
});

function linksOf(path: string, text: string): { path: string; target: string }[] {
  const prose = text.replaceAll(/```[\s\S]*?```/g, '');
  return [...prose.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map((match) => ({ path, target: match[1] ?? '' }));
}

function fault(path: string, target: string): string[] {
  const [file = '', heading] = target.split('#');
  const destination = file === '' ? path : join(dirname(path), file);
  if (!existsSync(join(projectRoot, destination))) return [`${path}: there is no ${destination}`];
  if (heading === undefined || !destination.endsWith('.md')) return [];
  return anchors(read(destination)).has(heading) ? [] : [`${path}: ${destination} has no heading #${heading}`];
}

/** As GitHub makes them. */
function anchors(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '');
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
