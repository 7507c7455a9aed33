import { parentPort, workerData } from 'node:worker_threads'
import { openPieceCodec } from '../crypto/open-piece-codec.ts'
import { stagingDisk } from '../content/file-staging.ts'
import { localDisk } from '../runtime/disk.ts'
import type { PackAnswer, PackJob, PackKeys } from './pack-job.ts'
import { PackFileWriter } from './pack-file-writer.ts'

/** The packing thread: carries out the jobs of a PackThread. */
const { pieces, staging } = workerData as PackKeys
const codec = openPieceCodec({ key: pieces })
const disk = stagingDisk(localDisk, staging)
let open: PackFileWriter | undefined

parentPort?.on('message', (job: PackJob) => parentPort?.postMessage(answer(job)))

function answer(job: PackJob): PackAnswer {
  try {
    return carryOut(job)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { error: { code, message } }
  }
}

function carryOut(job: PackJob): PackAnswer {
  switch (job.op) {
    case 'begin':
      open?.discard()
      open = new PackFileWriter(job.path, job.capacity, codec, disk)
      return { pieces: [] }
    case 'add':
      return { pieces: opened().add(job.pieces) }
    case 'copy':
      return { pieces: opened().copy(job.pieces) }
    case 'put':
      return { pieces: opened().put(job.kind, job.plain) }
    case 'end': {
      const bytes = opened().end()
      open = undefined
      return { bytes }
    }
    case 'discard':
      open?.discard()
      open = undefined
      return { pieces: [] }
  }
}

function opened(): PackFileWriter {
  if (!open) throw new Error('no pack is open')
  return open
}
