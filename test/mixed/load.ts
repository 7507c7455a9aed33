import { setTimeout as wait } from 'node:timers/promises'
import { compareTree } from './compare-tree.ts'
import type { Comparison, LoadMessage, LoadPlan, LoadRequest } from './load-messages.ts'
import { OperationTallies } from './operation-tallies.ts'
import type { Foreman } from './worker.ts'
import { workersOf } from './workers-of.ts'

/** The process that works on the mounts: `load.ts PLAN`, a LoadPlan as JSON. It is told what to do over IPC. */
const plan = JSON.parse(process.argv[2]!) as LoadPlan

const betweenSmallMs = 2500

const tallies = new OperationTallies()
const verdicts = new Map<number, (isExcused: boolean) => void>()
let troubles = 0
let busy = 0
/** Till when only small saves are made. */
let lullUntilMs = 0
let paused: { readonly over: Promise<void>; readonly end: () => void } | undefined

const foreman: Foreman = {
  tallies,
  failed: (what) => say({ type: 'failed', what }),
  isExcused: (side, what, error, beganMs) => {
    const id = ++troubles
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    say({ type: 'trouble', id, side, what, code, beganMs })
    return new Promise((resolve) => verdicts.set(id, resolve))
  },
  leave: async (isSmall) => {
    const restMs = () => (isSmall ? betweenSmallMs : lullUntilMs - Date.now())
    if (Date.now() < lullUntilMs) await wait(restMs())
    while (paused) await paused.over
  },
  begin: () => {
    busy++
    return () => void busy--
  },
}

const { writing, reading } = workersOf(plan, foreman)
for (const worker of [...writing, reading]) void worker.run()

process.on('message', (request: LoadRequest) => {
  if (request.type === 'verdict') {
    verdicts.get(request.id)!(request.isExcused)
    verdicts.delete(request.id)
    return
  }
  void carryOut(request).then((result) => say({ type: 'done', id: request.id, result }))
})
process.on('disconnect', () => process.exit())

async function carryOut(request: Exclude<LoadRequest, { type: 'verdict' }>): Promise<unknown> {
  switch (request.type) {
    case 'pause': {
      const { promise: over, resolve: end } = Promise.withResolvers<void>()
      paused = { over, end }
      while (busy > 0) await new Promise((resolve) => setTimeout(resolve, 20))
      return undefined
    }
    case 'resume': {
      const { end } = paused!
      paused = undefined
      end()
      return undefined
    }
    case 'lull':
      lullUntilMs = Date.now() + request.ms
      return wait(request.ms)
    case 'compare':
      return compared(request.mount)
    case 'tally':
      return tallies.all
  }
}

/** Against all that the workers know. */
async function compared(mount: string): Promise<Comparison> {
  let [files, bytes] = [0, 0]
  const wrong: string[] = []
  for (const { place } of writing) {
    const top = place.top.replace(plan.writer, mount)
    try {
      const seen = await compareTree(top, place.tree, 'bytes past pages')
      wrong.push(...seen.wrong)
      bytes += seen.bytes
      files += place.tree.paths('file').length
    } catch (error) {
      wrong.push(`${top}: ${String(error)}`)
    }
  }
  return { wrong, files, bytes }
}

function say(message: LoadMessage): void {
  process.send!(message)
}
