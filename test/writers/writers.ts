import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Ending, Machine } from '../e2e/machine.ts'
import { chances } from '../runtime/chances.ts'
import { OwnWork } from './own-work.ts'
import { SharedWork } from './shared-work.ts'
import { Side } from './side.ts'
import { differences, treeOf } from './tree-of.ts'

/** How writers are let loose. */
export interface WritersPlan {
  readonly writers: number
  /** When to begin no other window, milliseconds since 1970. */
  readonly untilMs: number
  /** How long all but one of them are cut off. */
  readonly windowMs: number
  /** Files that all may change. */
  readonly sharedFiles: number
  readonly seed: number
  readonly say: (text: string) => void
}

/** What came of it. */
export interface WritersStory {
  windows: number
  /** Changes that were made. */
  steps: number
  kills: number
  conflicts: number
  readonly wrong: string[]
}

const pauseMs = 100

/**
 * Machines change one drive at random. In each window only one of them reaches the full node; sometimes its daemon is killed.
 * After it, all sync, and must show the same tree, with everything in it that any of them made.
 */
export async function letWrite(
  origin: Machine,
  plan: WritersPlan,
  ends: Ending,
): Promise<WritersStory> {
  const chance = chances(plan.seed)
  const sides: Side[] = []
  while (sides.length < plan.writers) sides.push(await Side.of(origin, ends))
  const host = await mkdtemp(join(tmpdir(), 'walrusfs-writers-'))
  ends.teardown(() => rm(host, { recursive: true, force: true }))
  const own: OwnWork[] = []
  for (const [index, { mount }] of sides.entries()) {
    const name = `own ${index}`
    for (const place of [mount, host]) await mkdir(join(place, name))
    own.push(new OwnWork(join(mount, name), join(host, name), chance))
  }
  await mkdir(join(sides[0]!.mount, 'shared'))
  const shared = new SharedWork(plan.sharedFiles, sides.length, chance)
  const story: WritersStory = { windows: 0, steps: 0, kills: 0, conflicts: 0, wrong: [] }
  await meet(sides)
  while (story.windows === 0 || Date.now() < plan.untilMs) {
    const near = Math.floor(chance() * sides.length)
    const away = sides.filter((_, side) => side !== near)
    for (const { line } of away) line.cut()
    const end = Date.now() + plan.windowMs
    const killAt = chance() < 0.4 ? Date.now() + chance() * plan.windowMs : Infinity
    let killed = false
    while (Date.now() < end) {
      const side = Math.floor(chance() * sides.length)
      if (chance() < 0.6) await own[side]!.step()
      else await shared.step(side, join(sides[side]!.mount, 'shared'))
      story.steps++
      if (!killed && Date.now() > killAt) {
        killed = true
        story.kills++
        await sides[near]!.kill()
      }
      await wait(chance() * pauseMs)
    }
    for (const { line } of away) line.mend()
    await meet(sides)
    story.wrong.push(...(await wrongAfter(sides, host, shared)))
    if (story.wrong.length > 0) for (const side of sides) plan.say(side.lastWords())
    story.windows++
    story.conflicts = shared.conflicts
    plan.say(`${story.windows} windows, ${story.steps} steps, ${story.conflicts} conflicts`)
    if (story.wrong.length > 0) break
    await meet(sides)
  }
  return story
}

/** All have stored everything, and show what the others have stored. */
async function meet(sides: readonly Side[]): Promise<void> {
  const end = Date.now() + 120_000
  for (;;) {
    await Promise.all(sides.map((side) => side.sync()))
    const trees = await Promise.all(sides.map(({ mount }) => treeOf(mount))).catch(whatChanges)
    if (trees?.every((tree) => differences(trees[0]!, tree).length === 0)) return
    if (Date.now() > end) return
    await wait(200)
  }
}

/** What another one has renamed or removed may go away under the walk. */
function whatChanges(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ESTALE') throw error
}

async function wrongAfter(
  [one, ...others]: readonly Side[],
  host: string,
  shared: SharedWork,
): Promise<string[]> {
  const tree = await treeOf(one!.mount)
  const wrong: string[] = []
  for (const other of others) {
    for (const text of differences(tree, await treeOf(other.mount)))
      wrong.push(`the sides show different trees: ${text}`)
  }
  const isOwn = (path: string) => path.startsWith('own ')
  const onDrive = new Map([...tree].filter(([path]) => isOwn(path)))
  for (const text of differences(onDrive, await treeOf(host))) wrong.push(`own file ${text}`)
  wrong.push(...(await shared.judge(join(one!.mount, 'shared'))))
  return wrong
}
