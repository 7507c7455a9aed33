/**
 * The module of a worker thread beside the module `base` (its import.meta.url): the TypeScript source in a checkout, the
 * compiled file in the package.
 */
export function workerUrl(name: string, base: string): URL {
  return new URL(`./${name}${base.endsWith('.ts') ? '.ts' : '.js'}`, base)
}
