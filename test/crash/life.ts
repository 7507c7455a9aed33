import { existsSync, readdirSync, rmSync, truncateSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { decodeRootRecord } from '../../src/tree/format/root-format.ts'
import { predecessorsOf } from '../../src/tree/history/root-records.ts'
import { packRows } from '../../src/tree/pack-rows.ts'
import type { RootRecord } from '../../src/tree/root-record.ts'
import { nameFromText } from '../../src/terms/name.ts'
import { rootPiece } from '../../src/writeback/root-piece.ts'
import { chances } from '../runtime/chances.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import { Desk, never, type Ending, type Sitting } from '../writeback/desk.ts'
import { contents, patch, remove, write } from '../writeback/files.ts'
import type { Act } from './acts.ts'
import { MirroredDisk } from './mirrored-disk.ts'
import { sameFiles, States } from './states.ts'
import { Strike, type StrikeKind } from './strike.ts'

/** What a life is made of. */
export interface LifePlan {
  readonly acts: readonly Act[]
  readonly kind: StrikeKind
  /** The event that goes wrong; Infinity: none. */
  readonly at: number
  /** Of what a power loss leaves. */
  readonly seed: number
  /** The drive is sealed. */
  readonly sealed: boolean
}

export interface LifeStory {
  /** It did go wrong. */
  readonly struck: boolean
  /** Disk operations and network calls of the acts. */
  readonly events: number
  /** Blob objects that were paid for and that no snapshot names. */
  readonly orphans: number
  /** Undefined: nothing was lost, and another machine sees the same. */
  readonly wrong: string | undefined
}

/** Lives through acts until something goes wrong, starts again on what is left, and looks whether a promise was broken. */
export async function live(plan: LifePlan, ending: Ending): Promise<LifeStory> {
  const desk = new Desk(ending, 1 << 18, plan.sealed)
  const { home } = desk.ground
  const disk = new MirroredDisk(new SimulatedDisk())
  desk.ground = { home, disk, bootId: Buffer.alloc(16, 1) }
  const strike = new Strike(plan.kind, plan.at)
  const states = new States()
  const sitting = await desk.sit()
  strike.watch(disk.simulated, desk.script)
  await doAll(plan.acts, sitting, states)
  const { events, struck } = strike
  await end(sitting, disk)
  desk.script.check = () => {}
  leave(desk, disk.simulated, plan)

  const again = await desk.sit()
  const found = await contents(again)
  const wrong = states.whatIsWrongWith(found)
  if (wrong !== undefined) return { struck, events, orphans: 0, wrong }
  while (again.pending ?? again.worktree.dirty) await again.commit()
  const elsewhere = await desk.elsewhere()
  const same = sameFiles(await contents(elsewhere), found)
  const orphans = await orphansOf(desk, elsewhere)
  return { struck, events, orphans, wrong: same ? undefined : 'another machine sees other files' }
}

/** Until one of them fails, as a program would end then. */
async function doAll(acts: readonly Act[], sitting: Sitting, states: States): Promise<void> {
  try {
    for (const act of acts) {
      const moment = states.now
      states.begin(act)
      await doAct(act, sitting)
      if (act.kind === 'sync' || act.kind === 'commit') states.promise(moment)
    }
  } catch {
    // What it was shows in what is left.
  }
}

async function doAct(act: Act, sitting: Sitting): Promise<void> {
  switch (act.kind) {
    case 'write':
      return write(sitting, act.name, act.bytes)
    case 'patch':
      return patch(sitting, act.name, act.at, act.bytes)
    case 'remove':
      return remove(sitting, act.name)
    case 'rename':
      return rename(sitting, act.name, act.to)
    case 'sync':
      await sitting.content.sync()
      return
    case 'commit':
      await sitting.commit()
  }
}

function rename({ worktree }: Sitting, name: string, to: string): void {
  if (name === to) return
  worktree.apply({
    type: 'rename',
    parent: 1,
    name: nameFromText(name),
    newParent: 1,
    newName: nameFromText(to),
    exchange: false,
    time: { sec: 1, nsec: 0 },
  })
}

/** The program is gone; nothing that it still does reaches the disk. */
async function end(sitting: Sitting, disk: MirroredDisk): Promise<void> {
  await sitting.vanish()
  disk.simulated.powerLossAt = -1
  await sitting.leave().catch(() => {})
  await setImmediate()
  disk.letGo()
}

/** The state directory as the next start finds it. */
function leave(desk: Desk, disk: SimulatedDisk, { kind, seed }: LifePlan): void {
  const { home } = desk.ground
  const chance = chances(seed)
  const isPowerLoss = kind === 'power loss'
  const left = isPowerLoss ? disk.afterPowerLoss(chance) : disk.afterKill()
  for (const name of readdirSync(home)) {
    if (name !== 'packs') rmSync(join(home, name), { recursive: true })
  }
  if (isPowerLoss) tearPacks(join(home, 'packs'), chance)
  const bootId = Buffer.alloc(16, isPowerLoss ? 2 : 1)
  desk.ground = { home, disk: new MirroredDisk(left), bootId }
}

/** Pack files are synced one by one; the one that was being written is torn, and a name may be gone. */
function tearPacks(directory: string, chance: () => number): void {
  if (!existsSync(directory)) return
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    const fate = chance()
    if (fate < 0.1) rmSync(path)
    else if (fate < 0.2) truncateSync(path, Math.floor(statSync(path).size * chance()))
  }
}

/** Blob objects that were paid for and that no snapshot of the drive names. */
async function orphansOf(desk: Desk, { content }: Sitting): Promise<number> {
  const { root } = await desk.manifest.load(never)
  const named = new Set<string>()
  if (root) {
    const self = rootPiece(root)
    const last = decodeRootRecord(await content.piece(self), self)
    const name = async (record: RootRecord): Promise<void> => {
      named.add(record.self.blob)
      for (const { blob } of await packRows(record.packs, content)) named.add(blob)
    }
    await name(last)
    for await (const record of predecessorsOf(content, last)) await name(record)
  }
  const owned = await desk.store.owned(never)
  return owned.filter(({ blobId }) => !named.has(blobId)).length
}
