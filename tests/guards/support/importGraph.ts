import { targetOf } from './importFaults.ts';
import type { Import } from './syntax.ts';

export type Graph = Map<string, string[]>;

/** Which file loads which at run time. Type imports vanish, so they are no edges. */
export function importGraph(imports: ReadonlyMap<string, Import[]>): Graph {
  const edges = [...imports].map(([path, list]): [string, string[]] => {
    const targets = list.filter((each) => !each.typeOnly).map((each) => targetOf(path, each.specifier));
    return [path, [...new Set(targets.filter((target): target is string => target !== null && imports.has(target)))]];
  });
  return new Map(edges);
}

/** The first cycle found from each file on, as the path around it; empty when the graph has none. */
export function importCycles(graph: Graph): string[][] {
  const done = new Set<string>();
  const cycles: string[][] = [];
  const follow = (file: string, trail: string[]): void => {
    const at = trail.indexOf(file);
    if (at !== -1) cycles.push([...trail.slice(at), file]);
    if (at !== -1 || done.has(file)) return;
    for (const next of graph.get(file) ?? []) follow(next, [...trail, file]);
    done.add(file);
  };
  for (const file of graph.keys()) follow(file, []);
  return cycles;
}
