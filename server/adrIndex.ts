/** `docs/adr/README.md`: what a decision record is, and all of them. `pages` maps file names to their text. */
export function adrIndex(pages: ReadonlyMap<string, string>): string {
  const rows = [...pages].map(([file, text]) => `- [${titleOf(file, text)}](${file})`);
  return [INTRODUCTION, ...rows, ''].join('\n');
}

function titleOf(file: string, text: string): string {
  const title = /^# (.+)$/m.exec(text)?.[1];
  if (title === undefined) throw new Error(`docs/adr/${file} has no title`);
  return title;
}

const INTRODUCTION = `# Decisions

One page for each decision that others must live with. A page is not rewritten when we learn better: a new one says what changed, and the old one gets a line that points to it.

\`\`\`markdown
# 0000: The decision in one sentence

## Context
What made a decision necessary: facts, limits, what was tried.

## Decision
What we do, in the present tense.

## Consequences
What gets easier, what gets harder, what to watch. What was learned, with measurements where there are any.
\`\`\`

Take the next free number; \`npm run docs\` writes this list.
`;
