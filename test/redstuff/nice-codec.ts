import { readdirSync, readFileSync } from 'node:fs'
import { openCodec } from '../../src/redstuff/open-codec.ts'

/** Uses a codec and prints the nice values of the process' threads, a line each. */
const codec = await openCodec({ codec: 'simd', workers: 2 })
const source = { kind: 'bytes', bytes: new Uint8Array(100_000) } as const
;(await codec.encode(31, source, new AbortController().signal)).release()
for (const thread of readdirSync('/proc/self/task')) {
  const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1')
  // proc_pid_stat(5): the name in parentheses may hold spaces; nice is the seventeenth field after it.
  console.log(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
}
await codec.close()
