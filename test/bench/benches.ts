import { codec } from './codec/codec.ts'
import { codecDetails } from './codec/details.ts'
import { billedBytes } from './cost/billed-bytes.ts'
import type { Bench } from './harness/bench.ts'
import { copyTree } from './mount/copy-tree.ts'
import { createFiles } from './mount/create-files.ts'
import { gitStatus } from './mount/git-status.ts'
import { listTreeCold } from './mount/list-tree-cold.ts'
import { listTree } from './mount/list-tree.ts'
import { memoryIdle } from './mount/memory-idle.ts'
import { readColdRange } from './mount/read-cold-range.ts'
import { readCold } from './mount/read-cold.ts'
import { readFar } from './mount/read-far.ts'
import { readHot } from './mount/read-hot.ts'
import { readPassed } from './mount/read-passed.ts'
import { readRandom } from './mount/read-random.ts'
import { readWarm } from './mount/read-warm.ts'
import { sealed } from './mount/sealed.ts'
import { statUncached } from './mount/stat-uncached.ts'
import { statWhileStoring } from './mount/stat-while-storing.ts'
import { writeFile } from './mount/write-file.ts'

/** Every bench, in the order in which they run: each in a file that is called like it. */
export const benches: readonly Bench[] = [
  writeFile,
  readHot,
  readWarm,
  readPassed,
  readCold,
  readColdRange,
  readFar,
  readRandom,
  createFiles,
  copyTree,
  listTree,
  listTreeCold,
  gitStatus,
  statUncached,
  statWhileStoring,
  memoryIdle,
  billedBytes,
  codec,
  codecDetails,
  sealed,
]
