import type { ControlRequest } from './protocol.ts'

type PathRequest = Extract<ControlRequest, { readonly paths: readonly string[] }>

/** Checks a request that names paths of the drive; undefined when it is none. */
export function parsePaths(op: PathRequest['op'], value: object): PathRequest | undefined {
  const { paths, wait } = value as Readonly<Record<string, unknown>>
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string')) return undefined
  return op === 'pin' ? { op, paths, wait: wait === true } : { op, paths }
}
