import { codeParameters } from '../../../src/redstuff/parameters.ts'
import { openCodec } from '../../../src/redstuff/open-codec.ts'
import type { Bench } from '../harness/bench.ts'
import type { Comparison, Floor } from '../harness/comparison.ts'
import { Contest } from './contest.ts'
import type { operations } from './contest.ts'
import { floorMs, kernelSpeed, type KernelSpeed } from './floor.ts'

const shards = 1000
const workers = 2
const ours = `${workers} workers`
const against = 'official wasm encoder'

type Operation = (typeof operations)[number]

/** What is promised, of blobs of these sizes. */
const promises: readonly {
  bytes: number
  size: string
  goals: Partial<Record<Operation, number>>
}[] = [
  { bytes: 64 << 20, size: '64 MiB', goals: { encode: 10, 'decode any third': 20 } },
  { bytes: 64 << 10, size: '64 KiB', goals: { encode: 20 } },
]

/** The codec's own speed. Of each side the least of the rounds: what is measured is the code, not who disturbs it. */
export const codec: Bench = {
  name: 'codec',
  about: 'encoding and decoding, 1000 shards, against the official codec',
  run: async (ground) => {
    const rows: Comparison[] = []
    const speed = await kernelSpeed()
    for (const { bytes, size, goals } of promises) {
      const own = await openCodec({ workers })
      const contest = new Contest(shards, bytes, new Map([[ours, own]]))
      try {
        await contest.run(ground.rounds)
      } finally {
        await own.close()
      }
      for (const [operation, goal] of Object.entries(goals)) {
        rows.push({
          measure: `${operation}, ${size}, 1000 shards`,
          against,
          better: 'lower',
          unit: 'ms',
          ours: [contest.measures.of(`${ours} ${operation}`).wall],
          theirs: [contest.measures.of(`official ${operation}`).wall],
          goal,
          ...(operation === 'encode' && { floor: floorOf(bytes, speed) }),
        })
      }
    }
    return rows
  },
}

/** Of the kernel alone, with both threads at work all the time. */
function floorOf(bytes: number, speed: KernelSpeed): Floor {
  const what = 'its hashes and butterflies alone'
  return { what, figures: [floorMs(codeParameters(shards, bytes), bytes, speed, workers)] }
}
