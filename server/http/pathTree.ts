/** Segments of paths: what is behind a fixed one, or behind a parameter, and what answers at the path that ends here. */
interface Node<T> {
  fixed: Map<string, Node<T>>;
  parameter: Node<T> | null;
  answer: T | null;
}

/** Which of many paths a request is for. Paths are matched exactly: case counts, and a trailing slash is another path. */
export class PathTree<T> {
  readonly #root: Node<T> = newNode();
  /** Those without parameters, which go before all others. */
  readonly #fixed = new Map<string, T>();

  /** What answers at a path (`/users/{id}`), made at its first use. `{id}` and `{user_id}` are the same place. */
  at(path: string, make: () => T): T {
    let node = this.#root;
    for (const segment of path.split('/')) {
      let next = segment.startsWith('{') ? node.parameter : node.fixed.get(segment);
      if (!next) {
        next = newNode();
        if (segment.startsWith('{')) node.parameter = next;
        else node.fixed.set(segment, next);
      }
      node = next;
    }
    node.answer ??= make();
    if (!path.includes('{')) this.#fixed.set(path, node.answer);
    return node.answer;
  }

  /** What answers at the path of a request; from the left, a fixed segment goes before a parameter, which is never empty. */
  find(path: string): T | null {
    return this.#fixed.get(path) ?? search(this.#root, path, 0);
  }
}

const newNode = <T>(): Node<T> => ({ fixed: new Map(), parameter: null, answer: null });

function search<T>(node: Node<T>, path: string, start: number): T | null {
  const slash = path.indexOf('/', start);
  const end = slash === -1 ? path.length : slash;
  const fixed = node.fixed.get(path.slice(start, end));
  const found = fixed ? below(fixed, path, end) : null;
  return found ?? (node.parameter && end > start ? below(node.parameter, path, end) : null);
}

const below = <T>(node: Node<T>, path: string, end: number): T | null => (end === path.length ? node.answer : search(node, path, end + 1));
