import { Machine, until, type Ending } from '../e2e/machine.ts'
import type { Comparison } from './load-messages.ts'
import { nodeTrouble } from './node-troubles.ts'
import type { Stage } from './stage.ts'
import { never } from './trouble.ts'
import { stored } from './happenings.ts'
import type { WatchedSide } from './watched-side.ts'
import { chances } from '../runtime/chances.ts'

const limitMs = 180_000

/**
 * All is well again and nobody works: what the workers know is there on the writer's mount, after a remount without cache, and on a
 * machine that has the configuration alone, while as many storage nodes as are borne are in trouble. verify and fsck find nothing.
 */
export async function lookAtAll(stage: Stage, ends: Ending): Promise<void> {
  const { load, writer, follower, scene, plan } = stage
  await load.pause()
  await scene.what.devnet.mend({}, never)
  await scene.what.devnet.suiFault(undefined, never)
  for (const line of scene.what.lines) line.mend()
  await stored(stage)
  const judge = (where: string, { wrong, files, bytes }: Comparison) => {
    for (const what of wrong) stage.failed(`${where}: ${what}`)
    plan.say(`${where}: ${files} files, ${bytes} bytes, ${wrong.length} wrong`)
    stage.count('whole tree compared')
  }
  judge('on the writer’s mount', await load.compare(writer.mount))
  judge('on the follower’s mount', await load.compare(follower.mount))
  for (const side of [writer, follower])
    await until(
      async () => (await problemsOf(side)).length === 0,
      `the ${side.name}'s status to name no problem`,
      limitMs,
    ).catch((error: unknown) => stage.failed(String(error)))
  await writer.remountCold()
  judge('after a remount without cache', await load.compare(writer.mount))
  const { nodes, borne } = scene.what
  const trouble = nodeTrouble(chances(plan.seed), { nodes, borne }, 0, 0)
  await trouble.begin(scene.what)
  const other = new Machine(ends, stage.origin)
  const mount = await other.mount('demo', '--read-only')
  judge('on another machine, with nodes in trouble', await load.compare(mount))
  await other.ok('umount', mount)
  await trouble.end(scene.what)
  await writer.unmount()
  await follower.unmount()
  for (const command of ['verify', 'fsck']) {
    const { code, stdout, stderr } = await writer.side.machine.run(command, 'demo')
    if (code !== 0) stage.failed(`walrusfs ${command} ended with ${code}: ${stdout}${stderr}`)
    else stage.count(command)
  }
}

/** What status names, but storage nodes: of them it says what was seen when they were asked last, which may be long ago. */
async function problemsOf(side: WatchedSide): Promise<string[]> {
  const { problems } = await side.status()
  return problems.filter((text) => !text.startsWith('storage node '))
}
