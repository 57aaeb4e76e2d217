/** Files that one mocha process runs. */
export interface Batch {
  name: string;
  files: string[];
}

/** Few enough that two lanes end together, many enough that loading the product once for each costs little. */
const FILES_AT_MOST = 14;
/** Real processes, real waiting: what takes longest begins first, so that no lane waits for it alone at the end. */
const SLOW_FIRST = ['tests/faults', 'tests/workflows', 'tests/local', 'tests/activities', 'tests/api'];

/** The files by folder (`tests/api`), in batches of much the same size; slow folders first. Each file is in one batch. */
export function batchesOf(files: string[]): Batch[] {
  const folders = Map.groupBy(files, (file) => file.split('/').slice(0, 2).join('/'));
  const place = (folder: string): number => (SLOW_FIRST.indexOf(folder) + SLOW_FIRST.length + 1) % (SLOW_FIRST.length + 1);
  return [...folders].toSorted(([a], [b]) => place(a) - place(b)).flatMap(([folder, those]) => evenly(folder, those));
}

function evenly(folder: string, files: string[]): Batch[] {
  const parts = Math.ceil(files.length / FILES_AT_MOST);
  return Array.from({ length: parts }, (_none, n) => ({
    name: parts === 1 ? folder : `${folder} ${n + 1}/${parts}`,
    files: files.slice(Math.round((n * files.length) / parts), Math.round(((n + 1) * files.length) / parts)),
  }));
}
