import { statSync } from 'node:fs';

const isLong = (path) => path.endsWith('.long.test.ts');
const sizeOf = (path) => statSync(path).size;

/**
 * The order of test files: first those that take long, then by size. Without it, where no run came before, a small file that
 * takes long begins last, and the other workers wait for it.
 */
export const inOrder = (paths, toSize = sizeOf) =>
  paths
    .map((path) => ({ path, rank: isLong(path) ? 0 : 1, size: toSize(path) }))
    .sort((a, b) => a.rank - b.rank || b.size - a.size)
    .map(({ path }) => path);

/** As jest wants it. */
export default class {
  sort(tests) {
    const byPath = new Map(tests.map((test) => [test.path, test]));
    return inOrder([...byPath.keys()]).map((path) => byPath.get(path));
  }

  /** The order does not depend on earlier runs. */
  cacheResults() {}
}
