import type { Extension } from './plan.ts'

/** Some four commands each, of 1024 that a transaction may have. */
const perTransaction = 100

/** What goes into one transaction each, in order. */
export function batchesOf(extensions: readonly Extension[]): Extension[][] {
  const batches: Extension[][] = []
  for (let at = 0; at < extensions.length; at += perTransaction) {
    batches.push(extensions.slice(at, at + perTransaction))
  }
  return batches
}
