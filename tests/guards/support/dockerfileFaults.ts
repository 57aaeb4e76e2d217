import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './sources.ts';

interface Instruction {
  name: string;
  rest: string;
}

/** A small lint of a Dockerfile: what would make the image unsafe or unrepeatable, one sentence for each fault. */
export function dockerfileFaults(text: string, dockerignore: string): string[] {
  const all = instructions(text);
  const last = all.slice(all.findLastIndex(({ name }) => name === 'FROM'));
  const stages = new Set(all.flatMap(({ name, rest }) => (name === 'FROM' ? [/ AS (\S+)$/i.exec(rest)?.[1] ?? ''] : [])));
  return [
    ...all.filter(({ name }) => name === 'ADD').map(() => 'use COPY, not ADD'),
    ...all
      .filter(({ name, rest }) => name === 'FROM' && !stages.has(rest.split(' ')[0] ?? '') && !/^[\w./-]+:\d[\w.-]*/.test(rest))
      .map(({ rest }) => `FROM ${rest} names no version`),
    ...all
      .filter(({ name, rest }) => (name === 'ENV' || name === 'ARG') && /(KEY|SECRET|PASSWORD|TOKEN|PEPPER)\w*=/.test(rest))
      .map(({ rest }) => `a secret in the image: ${rest}`),
    ...all
      .filter(({ name, rest }) => name === 'RUN' && /apt-get install(?!.*--no-install-recommends)/.test(rest))
      .map(() => 'apt-get install without --no-install-recommends'),
    ...(last.some(({ name, rest }) => name === 'USER' && !/^(root|0)\b/.test(rest)) ? [] : ['the last stage runs as root']),
    ...(last.some(({ name }) => name === 'HEALTHCHECK') ? [] : ['no HEALTHCHECK']),
    ...(last.some(({ name, rest }) => name === 'CMD' && rest.startsWith('['))
      ? []
      : ['CMD must be a list, so that signals reach the process']),
    ...all.flatMap(({ name, rest }) => (name === 'COPY' && !rest.includes('--from=') ? copyFaults(rest, dockerignore) : [])),
  ];
}

function copyFaults(rest: string, dockerignore: string): string[] {
  const sources = rest.split(/\s+/).slice(0, -1);
  const sent = new Set(dockerignore.split('\n').flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : [])));
  return sources.flatMap((source) => [
    ...(existsSync(join(projectRoot, source)) ? [] : [`COPY of ${source}, which is not there`]),
    ...(sent.has(source) ? [] : [`COPY of ${source}, which .dockerignore keeps out`]),
  ]);
}

function instructions(text: string): Instruction[] {
  const logical = text.replaceAll(/\\\n\s*/g, ' ').split('\n');
  return logical.flatMap((line) => {
    const [, name, rest] = /^([A-Z]+)\s+(.+)$/.exec(line.trim()) ?? [];
    return name !== undefined && rest !== undefined ? [{ name, rest: rest.trim() }] : [];
  });
}
