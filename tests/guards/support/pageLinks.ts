import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { projectRoot, read } from './sources.ts';

/** What is wrong with a link from one page to a file or to a heading of it; empty when it leads there. */
export function linkFault(path: string, target: string): string[] {
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
