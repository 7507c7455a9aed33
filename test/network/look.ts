import { packRows } from '../../src/tree/pack-rows.ts'
import { sameFiles } from '../crash/states.ts'
import { answered } from './answered.ts'
import type { Machine } from './machine.ts'

const { signal } = new AbortController()

/** Looks at a drive from a machine that has nothing, and at what its writer paid for. What is wrong, if anything. */
export async function whatIsWrong(
  files: ReadonlyMap<string, Buffer>,
  newcomer: Machine,
  writer: Machine,
): Promise<string | undefined> {
  const found = await newcomer.contents()
  if (!sameFiles(found, files)) return `another machine sees ${[...found.keys()].join(', ')}`
  const owned = await answered(() => writer.drive.connection.store.owned(signal))
  const blobs = new Set(owned.map(({ blobId }) => blobId))
  if (blobs.size < owned.length) return `${owned.length - blobs.size} blobs were paid for twice`
  const named = await namedBy(newcomer)
  const vain = owned.filter(({ blobId }) => !named.has(blobId))
  return vain.length > 0 ? `${vain.length} blobs were paid for in vain` : undefined
}

/** All packs of the drive: its table has all that ever were but the one that its root record lies in. */
async function namedBy({ drive }: Machine): Promise<Set<string>> {
  const { self, packs } = drive.worktree.base!
  const rows = await packRows(packs, drive.content)
  return new Set([self.blob, ...rows.map(({ blob }) => blob)])
}
