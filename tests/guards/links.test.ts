import { expect } from 'chai';
import { linkFault } from './support/pageLinks.ts';
import { projectFiles, read } from './support/sources.ts';

const pages = projectFiles().filter((path) => path.endsWith('.md'));

describe('links between pages', () => {
  it('lead to a file that is there, and to a heading of it', () => {
    const links = pages.flatMap((path) => linksOf(path, read(path)));
    console.log(`      ${links.length} links in ${pages.length} pages`);
    expect(links.flatMap(({ path, target }) => linkFault(path, target))).to.deep.equal([]);
  });

  it('would be noticed when they lead nowhere', () => {
    expect(linkFault('README.md', 'docs/nothing.md')).to.have.length(1);
    expect(linkFault('docs/runbook.md', 'guides/operations.md#no-such-heading')).to.have.length(1);
    expect(linkFault('docs/runbook.md', 'guides/operations.md#backup-and-restore')).to.deep.equal([]);
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
