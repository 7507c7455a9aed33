import fc from 'fast-check'
import { test } from 'tap'
import { FileStaging } from '../../src/content/file-staging.ts'
import { LayeredContent } from '../../src/content/layered-content.ts'
import { FileJournal } from '../../src/journal/file-journal.ts'
import type { Slice } from '../../src/tree/slice.ts'
import { chances } from '../runtime/chances.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import { noise, ScratchDrive, ScriptedClock, turns } from './scratch-drive.ts'

interface Written {
  readonly seed: number
  readonly slice: Slice
}

interface Opened {
  readonly staging: FileStaging
  readonly journal: FileJournal
  readonly content: LayeredContent
  /** What a replay gave, and what of it has lost bytes. */
  readonly replayed: readonly Written[]
  readonly missing: readonly Slice[]
}

/** Starts as the daemon does: staging, journal, replay, retain. */
async function start(disk: SimulatedDisk, boot: number): Promise<Opened> {
  const clock = new ScriptedClock()
  const staging = await FileStaging.open('/state/staging', {
    disk,
    clock,
    reserveBytes: 0,
    segmentBytes: 3000,
  })
  const { journal, end } = await FileJournal.open('/state/journal', {
    disk,
    clock,
    bootId: Buffer.alloc(16, boot + 1),
    before: () => staging.sync(),
  })
  if (end.torn?.damage) throw new Error('a crash was taken for damage')
  const replayed = [...journal.replay()].map(
    ({ payload }) => JSON.parse(String(payload)) as Written,
  )
  const missing = await staging.retainOnly(replayed.map(({ slice }) => slice))
  const drive = await ScratchDrive.open()
  const content = new LayeredContent({
    store: drive.store,
    codec: drive.codec,
    cache: drive.cache,
    staging,
    journal,
    clock,
  })
  return { staging, journal, content, replayed, missing }
}

function isWhole(staging: FileStaging, { seed, slice }: Written): boolean {
  const bytes = Buffer.alloc(slice.length)
  staging.read(slice, 0, bytes)
  return bytes.equals(noise(slice.length, seed))
}

type Step = 'write' | 'sync' | 'turn' | 'commit'

/** Takes steps until the disk fails; returns what a sync promised. */
async function live(
  { staging, journal, content, replayed }: Opened,
  steps: readonly Step[],
  firstSeed: number,
): Promise<readonly Written[]> {
  let written = [...replayed]
  let promised: readonly Written[] = []
  try {
    for (const [index, step] of steps.entries()) {
      if (step === 'write') {
        const seed = firstSeed + index
        const slice = staging.write(noise(200 + ((seed * 97) % 900), seed))
        journal.append(Buffer.from(JSON.stringify({ seed, slice })))
        written.push({ seed, slice })
      } else if (step === 'sync') {
        const now = [...written]
        await content.sync()
        promised = now
      } else if (step === 'turn') await turns(1)
      else {
        // What was written until now is stored elsewhere.
        const segment = journal.rotate()
        const sealed = staging.seal()
        written = []
        promised = []
        await journal.dropBefore(segment)
        await staging.release(sealed, [])
      }
    }
  } catch {
    // The power is gone.
  }
  return promised
}

test('whatever was promised has its bytes, and whatever is replayed, at every crash', async (t) => {
  const steps = fc.array(
    fc.constantFrom<Step>('write', 'write', 'write', 'sync', 'turn', 'commit'),
    { maxLength: 20 },
  )
  const life = fc.record({ steps, at: fc.nat(100), seed: fc.integer(), kill: fc.boolean() })
  const property = fc.asyncProperty(fc.array(life, { maxLength: 4 }), async (lives) => {
    let disk = new SimulatedDisk()
    let boot = 0
    for (const [generation, { steps, at, seed, kill }] of lives.entries()) {
      const opened = await start(disk, boot)
      if (opened.missing.length > 0) throw new Error('a replayed slice is not there')
      disk.powerLossAt = disk.operations + at
      const promised = await live(opened, steps, 1000 * generation + 1)
      disk.powerLossAt = -1
      if (!kill) boot++
      disk = kill ? disk.afterKill() : disk.afterPowerLoss(chances(seed))
      const { staging, replayed, missing } = await start(disk, boot)
      if (missing.length > 0) throw new Error('a replayed slice is not there')
      const lost = promised.find((one) => !replayed.some(({ seed }) => seed === one.seed))
      if (lost) throw new Error(`the record of ${lost.seed} is lost`)
      const wrong = replayed.find((one) => !isWhole(staging, one))
      if (wrong) throw new Error(`the bytes of ${wrong.seed} are wrong`)
      disk = disk.afterKill()
    }
  })
  await t.resolves(fc.assert(property, { numRuns: 300 }))
})
