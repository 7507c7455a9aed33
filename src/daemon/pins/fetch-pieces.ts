import { FsError } from '../../terms/errno.ts'
import type { PieceRef } from '../../tree/piece-ref.ts'
import type { Drive } from '../open-drive.ts'

/** So much is asked for at a time, as neighbours of a pack where they are. */
const batchBytes = 6 << 20
const batches = 4

/**
 * Brings pieces from the network into the disk cache, a bounded number at a time, pack by pack and in the order in which they lie
 * there, so that no row of a pack is read twice. `settled` is told of each. Where the network does not answer at all the rest is not
 * tried. Rejects only when the signal aborts.
 */
export async function fetchPieces(
  drive: Pick<Drive, 'content' | 'cache'>,
  wanted: readonly PieceRef[],
  settled: (ref: PieceRef, failure?: Error) => void,
  signal: AbortSignal,
): Promise<void> {
  const rest = inOrder(wanted)
  let next = 0
  let silence: Error | undefined
  const take = (): PieceRef[] => {
    const batch: PieceRef[] = []
    for (let bytes = 0; next < rest.length && bytes < batchBytes; next++) {
      batch.push(rest[next]!)
      bytes += rest[next]!.storedLength
    }
    return batch
  }
  const work = async (): Promise<void> => {
    for (let batch = take(); batch.length > 0; batch = take()) {
      signal.throwIfAborted()
      if (silence) {
        for (const ref of batch) settled(ref, silence)
        continue
      }
      const failures = await orAborted(fetchBatch(drive, batch), signal)
      batch.forEach((ref, index) => settled(ref, failures[index]))
      if (failures.every((failure) => failure !== undefined && isSilence(failure))) {
        silence = failures[0]
      }
    }
  }
  await Promise.all(Array.from({ length: batches }, work))
}

/** The network does not answer, or must not be asked: the next piece would fare no better. */
function isSilence(error: Error): boolean {
  return error instanceof FsError && (error.code === 'ETIMEDOUT' || error.code === 'ENETUNREACH')
}

async function fetchBatch(
  { content, cache }: Pick<Drive, 'content' | 'cache'>,
  batch: readonly PieceRef[],
): Promise<(Error | undefined)[]> {
  const answers = await Promise.allSettled(content.warm(batch))
  await cache.idle()
  return answers.map((answer, index) => {
    if (answer.status === 'rejected') return asError(answer.reason)
    return cache.isOnDisk(batch[index]!) ? undefined : notKept(cache.room)
  })
}

function notKept(room: number): Error {
  return new FsError(
    'ENOSPC',
    room <= 0 ? 'the disk of the cache is full' : 'the disk cache does not take it',
  )
}

function inOrder(refs: readonly PieceRef[]): PieceRef[] {
  return [...refs].sort((a, b) =>
    a.blob === b.blob ? a.offset - b.offset : a.blob < b.blob ? -1 : 1,
  )
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
